import { parseImageReference } from '../../reference/index.ts';
import type { FoundImage, FoundPart, FoundSplit } from '../found-image.ts';
import { composeImage } from '../split-image.ts';
import type { HoldReason, Layer } from '../types.ts';
import { getValue, type MapNode } from '../yaml/tree.ts';
import { formatPath, joinPath, type KubernetesObject, type Spot } from '../yaml/walk.ts';
import { isChangedNumber } from './values-source.ts';

/** Where a map of Helm values stands. */
export interface ValuesPlace {
  readonly layer: Layer;
  readonly object: KubernetesObject | null;
  /** Field path of the values in their document; empty where they are the document. */
  readonly root: string;
  /** One of `globalRegistries` is set, and wins over every registry. */
  readonly registryIsGlobal: boolean;
  /** Whether a map around the one at this path says a registry. */
  readonly registryIsAround: (path: string) => boolean;
  /** `global.variant` is set, and is put behind tags of Istio. */
  readonly variantIsGlobal: boolean;
  /** The tag that the chart takes where an image at this path names none; null where that is not certain. */
  readonly defaultTag: (path: string) => string | null;
  /** Whether the chart's templates put text of theirs into the name of the image at this path. */
  readonly addsText: (path: string) => boolean;
}

/** The images that one map of Helm values says, in the spellings that charts have. */
export function findValuesImages(map: MapNode, spot: Spot, place: ValuesPlace): FoundImage[] {
  const own = formatPath(spot);
  const read = new MapReader(map, spot, own, place);
  const repository = read.part('repository') ?? (isImageKey(spot.key) ? read.part('name') : null);
  // `repository: docker.io` beside `name: library/redis`.
  const below = repository && isHost(repository.written) ? read.part('name') : null;
  if (below) return read.findSplit(below, { ...plainKeys, registry: 'repository' });
  if (repository) return isOfCode(spot, repository) ? [] : read.findSplit(repository, plainKeys);
  const named = read.part('repositoryName') ?? read.findRepo();
  if (named) return read.findSplit(named, { ...plainKeys, registry: 'registryName' });
  const hub = read.part('hub');
  if (hub && !read.part('image') && read.part('tag')) return read.findHub(hub);
  return map.pairs.flatMap(({ key, value }) => {
    const prefix = /^(.*?[iI]mage_?)[rR]epo(?:sitory)?$/.exec(key)?.[1];
    const part = prefix === undefined ? null : read.part(key);
    if (prefix !== undefined && part) return read.findSplit(part, flatKeys(prefix));
    if (value?.kind !== 'scalar') return [];
    return isImageKey(key) || /image$/i.test(key) ? read.findNamed(key) : [];
  });
}

/** The keys of the parts of a name, beside that of its repository. */
interface Keys {
  readonly prefix: string;
  readonly registry: string;
  readonly tag: string;
  readonly digest: string;
}

const plainKeys: Keys = { prefix: '', registry: 'registry', tag: 'tag', digest: 'digest' };

/** `imageTag` beside `imageRepository`, `image_tag` beside `image_repository`. */
function flatKeys(prefix: string): Keys {
  const join = (word: string) =>
    prefix + (prefix.endsWith('_') ? word : word.charAt(0).toUpperCase() + word.slice(1));
  return { prefix, registry: join('registry'), tag: join('tag'), digest: join('digest') };
}

/** Where charts have a registry that they put before every name, or in place of its own. */
export const globalRegistries: readonly string[] = [
  'global.imageRegistry',
  'global.registry',
  'global.image.registry',
];

/** Its first segment is the host of a registry, so that charts put none before it. */
export function namesHost(name: string): boolean {
  const slash = name.indexOf('/');
  return slash !== -1 && /[.:]|^localhost$/.test(name.slice(0, slash));
}

/** A registry alone: no repository of Docker Hub has a dot before its first slash. */
function isHost(text: string): boolean {
  return /^(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::\d+)?$/i.test(text);
}

/** Charts and sources of code have a repository and a version, too. */
function isOfCode({ key }: Spot, { written }: FoundPart): boolean {
  if (/^(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org)\//.test(written)) return true;
  return /^(?:source|chart|helm|git)$/i.test(String(key)) || /^(?:helm-)?charts\//.test(written);
}

/** `image`, `sidecarImage`. */
function isImageKey(key: string | number | null): boolean {
  return typeof key === 'string' && /(?:^i|[a-z0-9]I)mage$/.test(key);
}

/** Keys beside a name that charts put into it. */
const composing = /registry|^hub$|host|prefix|^org(?:ani[sz]ation)?$|suffix|variant|flavou?r/i;

/** The same in a map that says more than an image. */
const composingAnywhere =
  /^(?:image|default|docker|container)?registry(?:host|name|prefix)?$|^(?:tag|image|repository)(?:prefix|suffix|variant|flavou?r)$/i;

/** What else has such a name. */
const noPart = /secret|cred|auth|user|pass|mirror|insecure|enabled/i;

const beside = ['tag', 'digest', 'registry', 'version', 'pullPolicy', 'imagePullPolicy', 'sha'];

class MapReader {
  readonly #map: MapNode;
  readonly #spot: Spot;
  readonly #own: string;
  readonly #place: ValuesPlace;

  constructor(map: MapNode, spot: Spot, own: string, place: ValuesPlace) {
    this.#map = map;
    this.#spot = spot;
    this.#own = own;
    this.#place = place;
  }

  /** A key whose value is text on one line. */
  part(key: string): FoundPart | null {
    const node = getValue(this.#map, key);
    if (node?.kind !== 'scalar') return null;
    const nothing = node.style === 'plain' && /^(?:~|null)?$/i.test(node.value);
    return nothing ? null : { key, node, written: node.value.trim() };
  }

  /** Whether any of the keys is there, with or without a value. */
  #has(keys: readonly string[]): boolean {
    return this.#map.pairs.some(({ key }) => keys.includes(key));
  }

  /** `repo` has many meanings: an image only where a key says so. */
  findRepo(): FoundPart | null {
    const isImage = isImageKey(this.#spot.key) || this.#has(['pullPolicy', 'imagePullPolicy']);
    return isImage && this.#has(['tag', 'digest']) ? this.part('repo') : null;
  }

  findSplit(repository: FoundPart, keys: Keys): FoundImage[] {
    const { written } = repository;
    const { prefix } = keys;
    const plain = prefix === '';
    if (written.includes('://') || written === '') return [];
    if (plain && !isImageKey(this.#spot.key) && !this.#has(beside)) return [];
    const registry = this.#findRegistry(keys.registry, written, plain);
    const tag = this.part(keys.tag) ?? (plain ? (this.part('version') ?? this.part('imageTag')) : null);
    const digest = this.part(keys.digest);
    const sha = plain ? this.part('sha') : null;
    const image = plain ? this.part('image') : null;
    const inTag = tag?.written.includes('@') === true;
    const split: FoundSplit = {
      map: this.#fullPath(''),
      // An empty one counts: where the key is there, charts put their own before the repository (docker.io).
      registry,
      repository,
      tag: tag !== null && tag.written !== '' ? tag : (this.#fallbackTag(written) ?? tag),
      digest: inTag || (digest && !/^(?:sha(?:256|512):.*)?$/.test(digest.written)) ? null : digest,
    };
    const known = /[:@]/.test(written.slice(written.lastIndexOf('/') + 1));
    const unsaid = (split.tag?.written ?? '') === '' && (split.digest?.written ?? '') === '';
    const composed = this.#isComposed(registry, repository, prefix);
    if (known && unsaid && (registry?.written ?? '') === '' && !composed)
      return [
        { ...this.#base(this.#fullPath(repository.key), this.#atOf(repository.key)), node: repository.node },
      ];
    const strange =
      known ||
      image !== null ||
      (sha !== null && sha.written !== '') ||
      (digest !== null && split.digest === null && !inTag) ||
      composed ||
      this.#spot.key === 'images';
    if (strange) return this.#make(split, 'composed');
    return this.#make(split, unsaid ? 'unknown-tag' : undefined);
  }

  /** Of several keys, the one that says something; charts put `hub` before a name alone. */
  #findRegistry(key: string, repository: string, plain: boolean): FoundPart | null {
    const keys = plain
      ? [key, 'registry', 'imageRegistry', ...(repository.includes('/') ? [] : ['hub'])]
      : [key];
    const parts = keys.flatMap((each) => this.part(each) ?? []);
    return parts.find(({ written }) => written !== '') ?? parts[0] ?? null;
  }

  /** Whether charts put more into a name than its own keys. `prefix` is what those begin with. */
  #isComposed(registry: FoundPart | null, repository: FoundPart, prefix: string): boolean {
    const whole = (registry?.written ?? '') === '' && namesHost(repository.written);
    const { registryIsGlobal, registryIsAround, addsText } = this.#place;
    if (prefix === '' && addsText(this.#own)) return true;
    if (registryIsGlobal && (registry !== null || !whole)) return true;
    if (!whole && (registry?.written ?? '') === '' && registryIsAround(this.#own)) return true;
    const ownMap = prefix === '' && isImageKey(this.#spot.key);
    return this.#map.pairs.some(({ key }) => {
      if (key === registry?.key || key === repository.key || noPart.test(key)) return false;
      const isPart =
        (prefix !== '' && key.startsWith(prefix) && composing.test(key.slice(prefix.length))) ||
        (ownMap ? composing : composingAnywhere).test(key);
      const written = isPart ? (this.part(key)?.written ?? '') : '';
      return written !== '' && !/^(?:true|false)$/.test(written);
    });
  }

  /** Istio: the images of one registry and tag, whose names the charts have. */
  findHub(hub: FoundPart): FoundImage[] {
    const split = {
      map: this.#fullPath(''),
      registry: null,
      repository: hub,
      tag: this.part('tag'),
      digest: null,
    };
    return this.#make(split, 'hub');
  }

  /** `image: nginx` beside `tag: 1.25`, or a whole reference. */
  findNamed(key: string): FoundImage[] {
    const part = this.part(key);
    if (!part || !part.node) return [];
    const { written } = part;
    const tag = key === 'image' ? (this.part('tag') ?? this.part('imageTag') ?? this.part('version')) : null;
    const parsed = parseImageReference(written);
    const whole = parsed.ok && (parsed.value.tag !== null || parsed.value.digest !== null);
    const registry =
      key === 'image' ? (this.part('registry') ?? this.part('imageRegistry') ?? this.part('hub')) : null;
    const digest = key === 'image' ? this.part('digest') : null;
    if ([registry, tag, digest].some((other) => other !== null && other.written !== '')) {
      const usual = registry === null ? !this.#isComposed(null, part, '') : this.#isUsual(registry, part);
      const split = { map: this.#fullPath(''), registry, repository: part, tag, digest };
      const odd =
        digest !== null && (tag?.written.includes('@') === true || !/^(?:sha\d+:|$)/.test(digest.written));
      if (whole || odd || !usual) return this.#make(split, 'composed');
      const unsaid = (tag?.written ?? '') === '' && (digest?.written ?? '') === '';
      return this.#make(split, unsaid ? 'unknown-tag' : undefined);
    }
    const looksLikeOne = whole || key === 'image' || (isImageKey(key) && /[{$]/.test(written));
    if (!looksLikeOne || /^(?:true|false|[\d.]*)$/.test(written)) return [];
    return [
      {
        ...this.#base(this.#fullPath(key), this.#atOf(key)),
        node: part.node,
        ...(parsed.ok && !whole ? { hold: 'unknown-tag' as const } : {}),
        ...(whole && this.#isComposed(null, part, key) ? { hold: 'composed' as const } : {}),
      },
    ];
  }

  /** Istio's charts put `hub` before a name without a slash alone, and a `variant` after the tag. */
  #isUsual(registry: FoundPart, image: FoundPart): boolean {
    if (registry.key !== 'hub') return !this.#isComposed(registry, image, '');
    const tag = this.part('tag')?.written ?? '';
    const composed = image.written.includes('/') || tag === '' || this.#place.variantIsGlobal;
    return !composed && !this.#has(['variant', 'digest', 'sha', 'version']);
  }

  #make(split: FoundSplit, hold: HoldReason | undefined): FoundImage[] {
    const { key, node } = split.repository;
    const decides = (split.digest?.written ?? '') === '';
    const reason = hold ?? (decides && isChangedNumber(split.tag?.node ?? null) ? 'number' : undefined);
    return [
      {
        ...this.#base(this.#fullPath(key), this.#atOf(key)),
        node,
        split,
        ...(reason && composeImage(split) !== '' ? { hold: reason } : {}),
      },
    ];
  }

  #base(field: string, at: number): Omit<FoundImage, 'node'> {
    const keys = this.#map.pairs.map(({ key }) => key);
    const duplicate = this.#spot.duplicate || new Set(keys).size < keys.length;
    return { layer: this.#place.layer, field, podSpec: null, object: this.#place.object, at, duplicate };
  }

  #atOf(key: string): number {
    return this.#map.pairs.findLast((pair) => pair.key === key)?.at ?? this.#map.start;
  }

  #fullPath(key: string): string {
    const path = key === '' ? this.#own : joinPath(this.#own, key);
    const { root } = this.#place;
    if (root === '' || path === '') return root + path;
    return path.startsWith('[') ? root + path : `${root}.${path}`;
  }

  /** What counts where no tag is written. */
  #fallbackTag(repository: string): FoundPart | null {
    const version = /[:@]/.test(repository) ? null : this.#place.defaultTag(this.#own);
    return version === null ? null : { key: '', node: null, written: version };
  }
}
