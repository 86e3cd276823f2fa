import fc from 'fast-check';

/** A tree of kustomizations that builds: paths and texts, and the folders that are applied. */
export interface OverlayTree {
  readonly files: ReadonlyMap<string, string>;
  readonly roots: readonly string[];
  /** Objects of Flux and Argo CD: the path of the file, and the folder that it applies; others may take it, too. */
  readonly deliveries: ReadonlyMap<string, string>;
}

type Pick = (most: number) => number;

const names = ['nginx', 'docker.io/library/nginx', 'redis', 'quay.io/acme/app'] as const;

/** Bases, components and overlays of overlays; each with entries, patches and a namespace, or without. */
export const overlayTree: fc.Arbitrary<OverlayTree> = fc
  .array(fc.nat(1000), { minLength: 120, maxLength: 120 })
  .map((numbers) => {
    let at = 0;
    return makeTree((most) => (numbers[at++ % numbers.length] ?? 0) % most);
  });

interface Node {
  readonly path: string;
  /** Names of the Deployments that it builds: no two of one name may meet. */
  readonly objects: readonly string[];
}

function makeTree(pick: Pick): OverlayTree {
  const files = new Map<string, string>();
  const used = new Set<string>();
  const nodes: Node[] = [];
  for (let index = 0; index <= pick(3); index++) {
    const path = `base${index}`;
    const objects = Array.from({ length: 1 + pick(2) }, (_, number) => `web-${index}-${number}`);
    for (const name of objects) files.set(`${path}/${name}.yaml`, formatDeployment(name, pick));
    const lines = formatList(
      'resources',
      objects.map((name) => `${name}.yaml`),
    );
    files.set(`${path}/kustomization.yaml`, [...lines, ...formatEntries(pick, 3), ''].join('\n'));
    nodes.push({ path, objects });
  }
  const components: string[] = [];
  for (let index = 0; index < pick(3); index++) {
    const path = `component${index}`;
    const lines = [
      'apiVersion: kustomize.config.k8s.io/v1alpha1',
      'kind: Component',
      'commonAnnotations: {by: component}',
    ];
    files.set(`${path}/kustomization.yaml`, [...lines, ...formatEntries(pick, 1), ''].join('\n'));
    components.push(path);
  }
  for (let index = 0; index <= pick(4); index++) {
    const path = `overlay${index}`;
    const taken: Node[] = [];
    for (const node of nodes) {
      const meets = taken.some(({ objects }) => objects.some((name) => node.objects.includes(name)));
      if (!meets && pick(2) === 0) taken.push(node);
    }
    if (taken.length === 0) taken.push(nodes[pick(nodes.length)] ?? { path: 'base0', objects: [] });
    for (const node of taken) used.add(node.path);
    const resources = taken.map((node) => `../${node.path}`);
    const objects = taken.flatMap((node) => node.objects);
    const patches = objects.filter(() => pick(4) === 0).flatMap((name) => formatPatch(name, pick));
    if (pick(3) === 0) {
      files.set(`${path}/side.yaml`, formatDeployment(`side-${index}`, pick));
      resources.push('side.yaml');
      objects.push(`side-${index}`);
    }
    const lines = [
      ...formatList('resources', resources),
      ...formatList(
        'components',
        components.filter(() => pick(3) === 0).map((name) => `../${name}`),
      ),
      ...(pick(3) === 0 ? [`namespace: space-${index}`] : []),
      ...(patches.length > 0 ? ['patches:', ...patches] : []),
      ...formatEntries(pick, 2),
      '',
    ];
    files.set(`${path}/kustomization.yaml`, lines.join('\n'));
    nodes.push({ path, objects });
  }
  const roots = nodes.filter(({ path }) => !used.has(path));
  const deliveries = new Map<string, string>();
  for (const { path, objects } of nodes) {
    for (let number = pick(used.has(path) ? 2 : 3); number > 0; number--) {
      const file = `clusters/${path}-${number}.yaml`;
      files.set(file, formatDelivery(path, objects, components, pick));
      deliveries.set(file, path);
    }
  }
  const delivered = new Set(deliveries.values());
  const plain = roots.map(({ path }) => path).filter((path) => !delivered.has(path));
  return { files, roots: plain, deliveries };
}

/** Of Flux, or of Argo CD. */
function formatDelivery(
  path: string,
  objects: readonly string[],
  components: readonly string[],
  pick: Pick,
): string {
  const isFlux = pick(2) === 0;
  const patches = objects.filter(() => pick(4) === 0).flatMap((name) => formatPatch(name, pick));
  const lines = [
    ...formatList(
      'components',
      components.filter(() => pick(2) === 0).map((name) => `../${name}`),
    ),
    ...(patches.length > 0 ? ['patches:', ...patches] : []),
    ...(isFlux ? formatEntries(pick, 0) : formatList('images', listOverrides(pick))),
  ];
  const object = isFlux
    ? ['apiVersion: kustomize.toolkit.fluxcd.io/v1', 'kind: Kustomization']
    : ['apiVersion: argoproj.io/v1alpha1', 'kind: Application'];
  const spec = isFlux
    ? [`  path: ./${path}`, ...lines.map((line) => `  ${line}`)]
    : ['  source:', `    path: ${path}`, '    kustomize:', ...lines.map((line) => `      ${line}`)];
  return [...object, `metadata: {name: ${path}}`, 'spec:', ...spec, ''].join('\n');
}

function listOverrides(pick: Pick): string[] {
  return names.flatMap((name) => {
    if (pick(2) === 0) return [];
    const said = [
      `${name}:1.${pick(6)}`,
      `${name}=ghcr.io/acme/other`,
      `${name}=ghcr.io/acme/other:2.${pick(3)}`,
      `${name}@sha256:${String(pick(3)).repeat(64)}`,
    ];
    return said[pick(said.length)] ?? [];
  });
}

function formatList(key: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`${key}:`, ...items.map((item) => `- ${item}`)];
}

function pickImage(pick: Pick): string {
  const name = names[pick(names.length)] ?? names[0];
  return pick(8) === 0 ? `${name}@sha256:${String(pick(3)).repeat(64)}` : `${name}:1.${pick(6)}`;
}

function formatDeployment(name: string, pick: Pick): string {
  const containers = Array.from({ length: 1 + pick(2) }, (_, index) => [
    `      - name: c${index}`,
    `        image: ${pickImage(pick)}`,
  ]);
  return [
    'apiVersion: apps/v1',
    'kind: Deployment',
    `metadata: {name: ${name}}`,
    'spec:',
    '  template:',
    '    spec:',
    '      containers:',
    ...containers.flat(),
    '',
  ].join('\n');
}

/** A strategic patch of a container, or a JSON patch of the first one, which may test it before. */
function formatPatch(name: string, pick: Pick): string[] {
  const [image, target] = [pickImage(pick), `  target: {kind: Deployment, name: ${name}}`];
  if (pick(2) === 0)
    return [
      '- patch: |',
      '    - op: replace',
      '      path: /spec/template/spec/containers/0/image',
      `      value: ${image}`,
      target,
    ];
  const strategic = [
    '- patch: |',
    '    apiVersion: apps/v1',
    '    kind: Deployment',
    `    metadata: {name: ${name}}`,
    '    spec:',
    '      template:',
    '        spec:',
    '          containers:',
    `          - name: c${pick(3)}`,
    `            image: ${image}`,
  ];
  return pick(2) === 0 ? strategic : [...strategic, target];
}

function formatEntries(pick: Pick, rare: number): string[] {
  const entries = names.flatMap((name): string[] => {
    if (pick(2 + rare) !== 0) return [];
    const said = [
      [`  newTag: "1.${pick(6)}"`],
      [`  newName: ghcr.io/acme/other`],
      [`  newName: ghcr.io/acme/other`, `  newTag: "2.${pick(3)}"`],
      [`  digest: sha256:${String(pick(3)).repeat(64)}`],
    ];
    return [`- name: ${name}`, ...(said[pick(said.length)] ?? [])];
  });
  return entries.length === 0 ? [] : ['images:', ...entries];
}
