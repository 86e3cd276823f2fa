import type { ImageUse, Namespaces, PodSpec, SecretManifest, ServiceAccount } from '../manifests/index.ts';
import { compareText } from './places.ts';

/** The Secret that lets Pods pull from the backup; the contract's `pullSecret`. */
export interface PullSecret {
  readonly name: string;
  readonly attach: 'pod' | 'serviceAccount' | 'none';
}

/** What the manifests say that pull secrets depend on. */
export interface PullSecretFacts {
  readonly files: readonly PodSpecsOfFile[];
  readonly accounts: readonly ServiceAccount[];
  /** The Secrets that manifests make. */
  readonly secrets: readonly SecretManifest[];
  readonly namespaces: Namespaces;
}

/** What `findPodSpecs` found in one file. */
export interface PodSpecsOfFile {
  readonly file: string;
  readonly podSpecs: readonly PodSpec[];
}

/** Names to append to the list of one pod spec or ServiceAccount, in order. */
export interface PullSecretAddition {
  readonly file: string;
  readonly document: number;
  readonly podSpec: string;
  readonly names: readonly string[];
}

/** Which lists get which names, where the Secret must be, and what a person must know; all sorted. */
export interface PullSecretPlan {
  readonly additions: readonly PullSecretAddition[];
  /** Namespaces of the Pods that use a backup; null where the manifest does not say one. */
  readonly namespaces: readonly (string | null)[];
  /** Those of them for which no manifest makes the Secret. */
  readonly lacking: readonly (string | null)[];
  readonly notes: readonly string[];
}

/**
 * Which pod specs and ServiceAccounts need the pull secret: those of `backed`, the uses that name a backup. A Pod that
 * has no list of its own takes its ServiceAccount's, until it has one: so that account's names go in first. An account
 * that has the secret already serves its Pods as they are.
 */
export function planPullSecrets(
  { files, accounts: known, secrets, namespaces: places }: PullSecretFacts,
  backed: readonly ImageUse[],
  pullSecret: PullSecret | null,
): PullSecretPlan {
  if (pullSecret === null) return { additions: [], namespaces: [], lacking: [], notes: [] };
  const additions = new Map<string, PullSecretAddition>();
  const notes = new Set<string>();
  const namespaces = new Set<string | null>();
  const add = (addition: PullSecretAddition) =>
    additions.set(`${addition.file}\n${addition.document}\n${addition.podSpec}`, addition);
  const accounts = known.map((account) => ({ ...account, places: placesOf(account, places) }));
  for (const { file, spec } of findPods(files, backed)) {
    const own = places.of(file, spec.document, spec.workload);
    for (const namespace of own) namespaces.add(namespace);
    if (pullSecret.attach === 'none' || spec.imagePullSecrets?.includes(pullSecret.name)) continue;
    const account = findAccount(spec, own, accounts);
    if (spec.imagePullSecrets === null && account?.imagePullSecrets.includes(pullSecret.name)) continue;
    if (pullSecret.attach === 'serviceAccount' && spec.imagePullSecrets === null) {
      const manifests = findManifests(spec, own, file, accounts);
      for (const { file: at, document, path: podSpec, editable } of manifests)
        if (editable) add({ file: at, document, podSpec, names: [pullSecret.name] });
      const held = manifests.find(({ editable }) => !editable);
      for (const namespace of own)
        if (held || !manifests.some((account) => account.places.includes(namespace)))
          notes.add(
            `Add the pull secret ${pullSecret.name} to ${describeAccount(spec, namespace)}${whyNot(held)}.`,
          );
      continue;
    }
    if (!spec.editable) {
      notes.add(
        `${describePod(spec)} in ${file} cannot be edited: give it the pull secret ${pullSecret.name}.`,
      );
      continue;
    }
    const carried = spec.imagePullSecrets === null ? (account?.imagePullSecrets ?? []) : [];
    if (spec.imagePullSecrets === null && account === null)
      notes.add(
        `Pull secrets of ${describeAccount(spec, own.length === 1 ? (own[0] ?? null) : null)} no longer count for Pods that got ${pullSecret.name}, and its ` +
          'manifest is not here to carry them over: if it has any, use pullSecret.attach: serviceAccount.',
      );
    const names = [...new Set([...carried, pullSecret.name])];
    add({ file, document: spec.document, podSpec: spec.path, names });
  }
  for (const use of backed.filter(isPlaceless))
    for (const namespace of places.of(use.file, use.document, use.workload)) namespaces.add(namespace);
  const sorted = [...namespaces].toSorted((a, b) => compareText(a ?? '', b ?? ''));
  const made = secrets.filter(({ name }) => name === pullSecret.name);
  const lacking = sorted.filter((namespace) => !made.some((secret) => isIn(secret, namespace)));
  if (pullSecret.attach !== 'none')
    for (const note of [
      ...describeSecrets(pullSecret.name, sorted, lacking, made),
      ...backed.filter(isPlaceless).map((use) => describePlaceless(use, pullSecret)),
    ])
      notes.add(note);
  return {
    additions: [...additions.values()],
    namespaces: sorted,
    lacking,
    notes: [...notes].toSorted(compareText),
  };
}

const forms: Readonly<Record<SecretManifest['form'], string>> = {
  plain: 'Secret',
  sealed: 'SealedSecret',
  external: 'ExternalSecret',
  encrypted: 'SOPS',
  generated: 'secretGenerator',
};

function isIn({ namespace, reach }: SecretManifest, place: string | null): boolean {
  return reach === undefined ? namespace === place : reach === 'every';
}

/** Where the Secret comes from, and where nothing makes it. */
function describeSecrets(
  name: string,
  namespaces: readonly (string | null)[],
  lacking: readonly (string | null)[],
  made: readonly SecretManifest[],
): string[] {
  const notes: string[] = [];
  const there = made
    .filter((secret) => namespaces.some((namespace) => isIn(secret, namespace)))
    .map(({ namespace, form, file, reach }) => {
      const where = reach ? 'every namespace' : (namespace ?? 'no namespace');
      return `${where} (${forms[form]} in ${file})`;
    });
  if (there.length > 0)
    notes.push(`The pull secret ${name} is in the manifests for: ${there.toSorted(compareText).join(', ')}.`);
  const named = lacking.flatMap((namespace) => namespace ?? []);
  const selecting = made.find(({ reach }) => reach === 'selected');
  if (selecting && lacking.length > 0)
    notes.push(
      `${selecting.file}:${selecting.line} makes the pull secret ${name} for namespaces with certain labels; whether these have them is not known here: ${[...named, ...(lacking.includes(null) ? ['those that manifests do not name'] : [])].join(', ')}.`,
    );
  else if (named.length > 0)
    notes.push(
      `No manifest makes the pull secret ${name} for: ${named.join(', ')}. \`holdfast secret\` writes one that holds no credentials in the clear.`,
    );
  if (!selecting && lacking.includes(null))
    notes.push(
      `Images of the backup are used where the manifests name no namespace, and none makes the pull secret ${name} there: ` +
        'the namespace that they are applied to needs it.',
    );
  return notes;
}

/** Nothing tells the pod spec that the image ends up in. */
function isPlaceless(use: ImageUse): boolean {
  return use.hold !== 'ignored' && use.podSpec === null && (use.runs ?? []).length === 0 && use.line > 0;
}

function describePlaceless({ workload, file }: ImageUse, { name }: PullSecret): string {
  const object = workload.kind === '' ? '' : `${workload.kind} ${workload.name ?? 'without a name'} in `;
  return (
    `Pods with images of ${object}${file} need the pull secret ${name}, and where it goes there is not known: ` +
    'give it to them.'
  );
}

/** Each pod spec of those uses once, by file and position; uses that a person had ignored count for nothing. */
function findPods(
  files: readonly PodSpecsOfFile[],
  backed: readonly ImageUse[],
): readonly { readonly file: string; readonly spec: PodSpec }[] {
  const key = (file: string, document: number, path: string | null) => `${document} ${path} ${file}`;
  const wanted = new Set(
    backed
      .filter((use) => use.hold !== 'ignored')
      .flatMap((use) => [
        ...(use.podSpec === null ? [] : [key(use.file, use.document, use.podSpec)]),
        ...(use.runs ?? []).map((pod) => key(pod.file, pod.document, pod.podSpec)),
      ]),
  );
  return files
    .flatMap(({ file, podSpecs }) => podSpecs.map((spec) => ({ file, spec })))
    .filter(({ file, spec }) => wanted.has(key(file, spec.document, spec.path)))
    .toSorted(
      (a, b) =>
        compareText(a.file, b.file) ||
        a.spec.document - b.spec.document ||
        compareText(a.spec.path, b.spec.path),
    );
}

type Account = ServiceAccount & { readonly places: readonly (string | null)[] };

function placesOf(
  { file, document, name, namespace }: ServiceAccount,
  places: Namespaces,
): readonly (string | null)[] {
  return places.of(file, document, { apiVersion: 'v1', kind: 'ServiceAccount', name, namespace });
}

/** The account that the Pod runs as, where its manifest is known for every place of the Pod and only one is meant. */
function findAccount(
  spec: PodSpec,
  own: readonly (string | null)[],
  accounts: readonly Account[],
): Account | null {
  const name = spec.serviceAccountName ?? 'default';
  const found = own.map((namespace) =>
    accounts.filter((account) => account.name === name && account.places.includes(namespace)),
  );
  const lists = new Set(found.flat().map((account) => account.imagePullSecrets.join(' ')));
  return lists.size === 1 && found.every(({ length }) => length > 0) ? (found.flat()[0] ?? null) : null;
}

/** The manifests of that account; where no namespace is said, only one that surely is the Pod's. */
function findManifests(
  spec: PodSpec,
  own: readonly (string | null)[],
  file: string,
  accounts: readonly Account[],
): readonly Account[] {
  const name = spec.serviceAccountName ?? 'default';
  const found = accounts.filter(
    (account) => account.name === name && account.places.some((namespace) => own.includes(namespace)),
  );
  const named = found.filter(({ places }) => places.some((each) => each !== null && own.includes(each)));
  const rest = found.filter((account) => !named.includes(account));
  if (rest.length <= 1) return found;
  const near = rest.filter((account) => folderOf(account.file) === folderOf(file));
  return near.length === 1 ? [...named, ...near] : named;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function whyNot(account: ServiceAccount | undefined): string {
  return account === undefined ? '' : `, whose manifest in ${account.file} cannot be edited`;
}

function describeAccount(spec: PodSpec, namespace: string | null): string {
  const where = namespace === null ? '' : ` in namespace ${namespace}`;
  return `ServiceAccount ${spec.serviceAccountName ?? 'default'}${where}`;
}

function describePod({ workload }: PodSpec): string {
  return `${workload.kind} ${workload.name ?? 'without a name'}`;
}
