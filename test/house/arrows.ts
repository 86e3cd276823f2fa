/** What a room may import at run time. Mirrors the architecture: the arrows go one way. */
export interface RoomRule {
  /** Rooms whose values and types it may use. */
  readonly uses: readonly string[];
  /** Rooms of which it may use the types alone. */
  readonly types?: readonly string[];
  readonly packages?: readonly string[];
  /** The core: synchronous, without file system, network, clock, environment or logger. */
  readonly pure?: true;
}

/** Sentences and versions that every room may use; they import nothing of ours. */
export const everywhere: readonly string[] = ['error.ts', 'version.ts'];

export const rooms: Readonly<Record<string, RoomRule>> = {
  'error.ts': { uses: [], pure: true },
  'version.ts': { uses: [], pure: true },
  reference: { uses: [], pure: true },
  manifests: { uses: ['reference'], packages: ['yaml'], pure: true },
  plan: {
    uses: ['reference', 'manifests'],
    packages: ['yaml', 'picomatch', 'fastest-levenshtein'],
    pure: true,
  },
  report: {
    uses: ['reference', 'manifests', 'plan'],
    types: ['copy', 'config'],
    packages: ['diff'],
    pure: true,
  },
  registry: { uses: ['reference'], packages: ['https-proxy-agent', 'proxy-from-env'] },
  embedded: { uses: ['reference'] },
  copy: { uses: ['reference', 'registry', 'plan'], packages: ['p-queue'] },
  source: {
    uses: ['reference', 'manifests'],
    types: ['registry'],
    packages: ['@kubernetes/client-node', 'simple-git', 'picomatch'],
  },
  config: {
    uses: ['reference', 'plan', 'manifests'],
    types: ['registry'],
    packages: ['yaml', 'zod', 'fastest-levenshtein', 'picomatch'],
  },
  forge: {
    uses: ['reference', 'manifests', 'plan', 'report'],
    types: ['config'],
    packages: [
      'simple-git',
      'p-queue',
      '@octokit/rest',
      '@octokit/plugin-retry',
      '@octokit/plugin-throttling',
      'https-proxy-agent',
      'proxy-from-env',
    ],
  },
  backup: {
    uses: ['reference', 'manifests', 'plan', 'registry', 'copy', 'source', 'forge', 'report'],
    types: ['config'],
  },
  // What the daemon does beyond the use cases: it goes on, so it has a clock, and remembers when to look again.
  watch: {
    uses: ['reference', 'manifests', 'plan', 'registry', 'copy', 'source', 'backup', 'forge', 'config'],
    types: ['report'],
  },
  // What the faces share: how the environment becomes configuration, credentials, registries and a forge.
  faces: { uses: ['registry', 'config', 'backup', 'forge', 'report'], types: ['copy'] },
  'faces/cli': {
    uses: ['backup', 'config', 'faces', 'faces/daemon', 'report', 'source', 'forge', 'embedded'],
    types: ['copy', 'reference', 'registry', 'plan', 'manifests'],
    packages: ['commander', 'cli-progress'],
  },
  'faces/action': {
    uses: ['backup', 'config', 'faces', 'report', 'source', 'forge'],
    types: ['copy', 'reference', 'registry', 'plan', 'manifests'],
    packages: ['@actions/core'],
  },
  'faces/daemon': {
    uses: ['watch', 'config', 'faces', 'registry', 'report', 'source', 'forge'],
    types: ['copy', 'reference', 'plan', 'manifests'],
    packages: ['pino', 'prom-client'],
  },
};

/** What a pure room may take from Node: functions of their arguments alone. */
export const pureBuiltins: readonly string[] = ['node:path/posix', 'node:util', 'node:crypto', 'node:buffer'];
