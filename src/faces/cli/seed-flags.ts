/** What the flags of the three programs that holdfast grew from are called here. A password never is a flag. */
const cures: Readonly<Record<string, string>> = {
  kubeconfig: 'set the variable KUBECONFIG',
  'exclude-namespaces': 'write --exclude-namespace for each, or set EXCLUDE_NAMESPACES',
  repository: 'write --backup REGISTRY/REPOSITORY',
  registry: 'write --backup REGISTRY/REPOSITORY',
  'registry-username': 'set the variable REGISTRY_USERNAME',
  'registry-password': 'set the variable REGISTRY_PASSWORD, which no list of processes shows',
  'metrics-addr': 'write --listen :8080, where /metrics is, too',
  'metrics-bind-address': 'write --listen :8080, where /metrics is, too',
  'health-probe-bind-address': 'write --listen :8080, where /healthz and /readyz are, too',
  'leader-elect': 'leave it out: run one replica; several agree without a leader',
  'enable-leader-election': 'leave it out: run one replica; several agree without a leader',
};

/** A sentence for the first flag of another program; null when there is none. Its value is never repeated. */
export function findSeedFlag(argv: readonly string[]): string | null {
  for (const word of argv) {
    const flag = /^--?([a-z-]+)(?:=|$)/.exec(word)?.[1];
    if (flag === undefined || !Object.hasOwn(cures, flag)) continue;
    return `-${flag} is no flag of holdfast watch: ${cures[flag]}`;
  }
  return null;
}
