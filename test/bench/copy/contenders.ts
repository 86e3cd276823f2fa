import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What one run is to copy, and where. */
export interface Work {
  /** `many/svc-000:1.0`, or with `@sha256:…`. */
  readonly images: readonly string[];
  /** `127.0.0.1:5000` */
  readonly source: string;
  readonly backup: string;
  /** Under which the contender's copies go. */
  readonly prefix: string;
  readonly tls: boolean;
  /** What refers to the images is wanted too; only oras can. */
  readonly referrers: boolean;
  /** Blobs of the one image, for curl. */
  readonly blobs: readonly { readonly digest: string; readonly size: number }[];
  /** A folder for lists. */
  readonly folder: string;
}

export interface Contender {
  readonly name: string;
  /** Null when it cannot do this. */
  command(work: Work): string | null;
}

/** Ours first, then every peer that is in $HOLDFAST_PEERS/bin or on the PATH. */
export function findContenders(cli: string, peers: string | undefined): readonly Contender[] {
  const find = (name: string): string | null => {
    const own = peers ? join(peers, 'bin', name) : null;
    if (own && existsSync(own)) return own;
    try {
      return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim() || null;
    } catch {
      return null;
    }
  };
  const [crane, skopeo, oras, curl] = ['crane', 'skopeo', 'oras', 'curl'].map(find);
  const found: Contender[] = [{ name: 'holdfast', command: (work) => ours(cli, work) }];
  if (crane) found.push({ name: 'crane', command: (work) => eachImage(work, `${crane} copy`) });
  if (skopeo) {
    const options = (work: Work): string =>
      `--all ${work.tls ? '' : '--src-tls-verify=false --dest-tls-verify=false'}`;
    found.push({
      name: 'skopeo copy',
      command: (work) => eachImage(work, `${skopeo} --insecure-policy copy -q ${options(work)}`, 'docker://'),
    });
    found.push({
      name: 'skopeo sync',
      command: (work) => (work.images.length > 1 ? skopeoSync(skopeo, work) : null),
    });
  }
  if (oras) {
    const plain = (work: Work): string => (work.tls ? '' : '--from-plain-http --to-plain-http');
    found.push({
      name: 'oras',
      command: (work) => eachImage(work, `${oras} cp --no-tty ${work.referrers ? '-r' : ''} ${plain(work)}`),
    });
  }
  if (curl) found.push({ name: 'curl (floor)', command: (work) => curlBlobs(curl, work) });
  return found;
}

/** The peers' own docker-registry when it is there: 2.8.3 hashes fast enough not to be the bottleneck. */
export function findRegistryBinary(peers: string | undefined): string | null {
  const own = peers ? join(peers, 'bin', 'docker-registry') : null;
  return own && existsSync(own) ? own : null;
}

function ours(cli: string, work: Work): string {
  const images = work.images.map((image) => `--image ${work.source}/${image}`).join(' ');
  const plain = work.tls ? '' : `--plain-http ${work.source} --plain-http ${work.backup}`;
  return `node ${cli} copy --quiet ${plain} --naming '{path}' --backup ${work.backup}/${work.prefix} ${images} >/dev/null`;
}

/** One process an image, eight at a time. */
function eachImage(work: Work, command: string, scheme = ''): string | null {
  const pairs = work.images.map((image) => {
    const target = image.replace(/@sha256:.*/, '');
    return `${scheme}${work.source}/${image} ${scheme}${work.backup}/${work.prefix}/${target}`;
  });
  if (work.images.some((image) => image.includes('@'))) return null;
  if (pairs.length === 1) return `${command} ${pairs[0]}`;
  const list = join(work.folder, 'pairs.txt');
  writeFileSync(list, `${pairs.join('\n')}\n`);
  return `xargs -P8 -L1 ${command} < ${list}`;
}

function skopeoSync(skopeo: string, work: Work): string | null {
  if (work.images.some((image) => image.includes('@'))) return null;
  const images = Object.fromEntries(
    work.images.map((image) => {
      const [name = '', tag = ''] = image.split(':');
      return [name, [tag]];
    }),
  );
  const list = join(work.folder, 'sync.yml');
  writeFileSync(list, JSON.stringify({ [work.source]: { 'tls-verify': work.tls, images } }));
  const target = `${work.backup}/${work.prefix}/many`;
  return `${skopeo} --insecure-policy sync --src yaml --dest docker ${work.tls ? '' : '--dest-tls-verify=false'} ${list} ${target}`;
}

/** What no client can go below: the same bytes, GET piped to PUT, and no manifest. */
function curlBlobs(curl: string, work: Work): string | null {
  if (work.images.length > 1 || work.blobs.length === 0) return null;
  const scheme = work.tls ? 'https' : 'http';
  const [name = ''] = (work.images[0] ?? '').split(':');
  const upload = `${scheme}://${work.backup}/v2/${work.prefix}/${name}/blobs/uploads/`;
  const lines = work.blobs.map(
    ({ digest, size }) =>
      `location=$(${curl} -s -X POST -D - -o /dev/null ${upload} | tr -d '\\r' | sed -n 's/^[Ll]ocation: //p') && ` +
      `${curl} -sf ${scheme}://${work.source}/v2/${name}/blobs/${digest} | ` +
      `${curl} -sf -o /dev/null -X PUT -H 'Content-Length: ${size}' -H 'Expect:' -H 'Content-Type: application/octet-stream' -T - "$location&digest=${digest}"`,
  );
  const script = join(work.folder, 'floor.sh');
  writeFileSync(script, `set -e\n${lines.join('\n')}\n`);
  return `sh ${script}`;
}
