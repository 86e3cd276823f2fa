import { parseJsonObject } from './docker-config.ts';
import type { Answer, Request } from './endpoint.ts';
import type { ManifestTarget } from './manifest-requests.ts';

const largestPage = 8 * 1024 * 1024;
const mostPages = 10_000;
/** Of all pages: a million tags. They are kept until the last one is there. */
const largestList = 64 * 1024 * 1024;

/**
 * The objects of a list that a registry answers in pages (Link header, RFC 8288). Null when the first page is answered
 * with a status of `absent`.
 */
export async function getPages(
  { endpoint, repository, scopes, signal }: ManifestTarget,
  path: string,
  accept: string,
  absent: readonly number[] = [404],
): Promise<readonly Readonly<Record<string, unknown>>[] | null> {
  const pages: Readonly<Record<string, unknown>>[] = [];
  const seen = new Set<string>();
  let bytes = 0;
  let target: Request['target'] = path;
  for (;;) {
    const answer: Answer = await endpoint.send({
      method: 'GET',
      target,
      repository,
      scopes,
      headers: { accept },
      accept: pages.length === 0 ? [200, ...absent] : [200],
      read: largestPage,
      signal,
    });
    if (answer.status !== 200) return null;
    bytes += answer.body.length;
    const page = parseJsonObject(answer.body.toString('utf8'));
    if (page === null) throw endpoint.error('invalid', 'its list is no JSON object', { repository });
    pages.push(page);
    const link = findNextLink(String(answer.headers.link ?? ''));
    if (link === null) return pages;
    const next = endpoint.resolveUrl(link, answer.url, repository);
    if (seen.has(next.href) || pages.length >= mostPages || bytes > largestList)
      throw endpoint.error('invalid', 'its list has no end', { repository });
    seen.add(next.href);
    target = next;
  }
}

function findNextLink(header: string): string | null {
  const link = /<([^<>]*)>[^<]*?;\s*rel\s*=\s*"?next"?/i.exec(header.slice(0, 8192));
  return link?.[1] ?? null;
}
