import { bareGit } from './bare-git.ts';
import type { ForgeAnswer, ForgeOptions, ForgeRepository, ForgeUser, Permission, Pull } from './types.ts';

/** What a handler of one API operation works with. */
export interface Room {
  readonly url: string;
  readonly options: ForgeOptions;
  readonly repository: ForgeRepository;
  readonly user: ForgeUser;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  nextId(): number;
  git(args: readonly string[], options?: Parameters<typeof bareGit>[3]): Promise<string>;
}

type Scope = 'contents' | 'pullRequests' | 'issues' | 'checks';

/** One operation: `POST /repos/{owner}/{repo}/pulls`. `needs`: what the token must be able to do. */
export interface Operation {
  readonly method: string;
  /** `{ref...}` takes slashes too. */
  readonly path: string;
  readonly needs: readonly [scope: Scope, least: Exclude<Permission, 'none'>];
  readonly answer: (room: Room) => Promise<ForgeAnswer> | ForgeAnswer;
}

export function findPull({ repository, parameters }: Room): Pull | null {
  const number = Number(parameters['pull_number'] ?? parameters['issue_number']);
  return repository.pulls.find((pull) => pull.number === number) ?? null;
}

/** The commit that a branch, full ref or id names; null when there is none. */
export async function findCommit(room: Room, name: string): Promise<string | null> {
  try {
    return await room.git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
  } catch {
    return null;
  }
}

/** One page of a list, with the Link header that leads on. */
export function page(room: Room, path: string, items: readonly unknown[]): ForgeAnswer {
  const size = Math.min(100, Number(room.query.get('per_page') ?? 30));
  const number = Number(room.query.get('page') ?? 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const link = (to: number, rel: string) => {
    const query = new URLSearchParams(room.query);
    query.set('page', String(to));
    return `<${room.url}/api/v3${path}?${query.toString()}>; rel="${rel}"`;
  };
  return {
    status: 200,
    body: items.slice((number - 1) * size, number * size),
    ...(number < last && {
      headers: { link: [link(number + 1, 'next'), link(last, 'last')].join(', ') },
    }),
  };
}

/** Open requests follow their branch: its head, its deletion, and its arrival in the base. */
export async function followBranches(room: Pick<Room, 'git' | 'repository'>): Promise<void> {
  const open = room.repository.pulls.filter((pull) => pull.state === 'open');
  if (open.length === 0) return;
  const listed = await room.git(['for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads']);
  const heads = new Map(listed.split('\n').map((line): [string, string] => split(line)));
  for (const pull of open) {
    const head = heads.get(`refs/heads/${pull.branch}`);
    const now = new Date().toISOString();
    if (head === undefined) {
      pull.state = 'closed';
      pull.closed = now;
    } else if (head !== pull.head) {
      pull.head = head;
      pull.updated = now;
    }
  }
}

function split(line: string): [string, string] {
  const [name = '', id = ''] = line.split(' ');
  return [name, id];
}
