import { formatCode } from './markdown.ts';
import type { Moved, PullRequestFacts } from './pull-request-facts.ts';

/** What must be there before the merge: the pull secret, namespace by namespace. */
export function formatPullSecret({ pullSecret, moves }: PullRequestFacts): string[] {
  const uses = moves.map(({ use }) => use);
  if (pullSecret === null || uses.length === 0) return [];
  const namespaces = new Set(uses.flatMap(({ workload }) => workload.namespace ?? []));
  const unknown = new Set(uses.flatMap(({ workload, file }) => (workload.namespace === null ? [file] : [])));
  const places = [
    ...(namespaces.size > 0 ? [`in ${list(namespaces)}`] : []),
    ...(unknown.size > 0 ? [`in each namespace that ${list(unknown)} is deployed to`] : []),
  ];
  return [
    '### Pull secret',
    '',
    `The secret ${formatCode(pullSecret)} must be there before this is merged, ${places.join(', and ')}.`,
    '',
  ];
}

/** Longer than any path or name should be; a Kubernetes name has 253 characters at most. */
const longestName = 260;

/** The first of them as code, and how many more there are. */
function list(names: Iterable<string>, most = 20): string {
  const sorted = [...new Set(names)].toSorted();
  const more = sorted.length > most ? ` and ${sorted.length - most} more` : '';
  return `${sorted
    .slice(0, most)
    .map((name) => formatCode(name.length > longestName ? `${name.slice(0, longestName)}…` : name))
    .join(', ')}${more}`;
}

/** What the cluster will do, and what it cannot do by itself. */
export function formatCluster(facts: PullRequestFacts, moved: readonly Moved[]): string[] {
  if (moved.length === 0) return [];
  const { pin, pullSecret, moves } = facts;
  const hosts = moved.map(({ copy }) => copy.backup.slice(0, copy.backup.indexOf('/')));
  const named = (kind: string) =>
    moves.flatMap(({ use: { workload } }) =>
      workload.kind === kind ? [workload.name ?? 'without a name'] : [],
    );
  const [jobs, pods] = [named('Job'), pullSecret === null ? [] : named('Pod')];
  const latest = moved.flatMap(({ copy: { source } }) =>
    /:latest$|^[^@]*\/[^:@]*$/.test(source) ? [source] : [],
  );
  const lines = [
    `- Nodes pull these images from ${list(hosts)} from now on, and must reach it.`,
    '- Pods whose template changes are started anew once this is deployed. Where a tag moved upstream since they were started last, they then run what the table names.',
  ];
  if (pullSecret === null)
    lines.push(
      `- No pull secret is named, so nodes must be able to pull there as they are.${hosts.includes('ghcr.io') ? ' A new package on `ghcr.io` is private: name a `pullSecret`, or make it public.' : ''}`,
    );
  if (jobs.length > 0)
    lines.push(
      `- The template of a Job cannot change once it is there. If these are still in the cluster, delete them first, or have your tool replace them: ${list(jobs)}.`,
    );
  if (pods.length > 0)
    lines.push(
      `- A Pod gets no pull secret once it is there: delete these, and have them made anew: ${list(pods)}.`,
    );
  if (latest.length > 0)
    lines.push(
      pin === 'digest'
        ? `- A digest turns the default pull policy of \`:latest\` from Always to IfNotPresent, and a new upstream image no longer arrives by a restart: ${list(latest)}.`
        : `- The tag of a backup never moves, so a new upstream image no longer arrives by a restart: ${list(latest)}.`,
    );
  return ['### What changes for the cluster', '', ...lines, ''];
}
