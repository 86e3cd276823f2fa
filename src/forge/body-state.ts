/** What we remember in a hidden comment in a pull request's body. What stands after it is of others. */
export interface BodyState {
  readonly fingerprint: string;
  /** Head that we pushed. */
  readonly commit: string;
  /**
   * `new`: labels, reviewers and the like are still to be set. `closed`: we closed it ourselves; a closed request
   * without this was closed by a person.
   */
  readonly phase: 'new' | 'open' | 'closed';
}

const pattern = /<!-- holdfast fingerprint=([0-9a-f]{1,128}) commit=([0-9a-f]{40,64}) (new|open|closed) -->/g;

/** GitHub takes no more. */
const longestBody = 65_536;

const box = '<!-- holdfast-rewrite -->';
const control = `- [ ] ${box} Tick this box to have the branch written anew. Commits of others on it are thrown away.`;

/** The body with the box that a person may tick, and what is to be remembered. */
export function writeBodyState(body: string, state: BodyState): string {
  const parts = [
    body.trimEnd(),
    ...(state.phase === 'closed' ? [] : ['---', control]),
    `<!-- holdfast fingerprint=${state.fingerprint} commit=${state.commit} ${state.phase} -->`,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Null when the body is not one of ours. GitHub may have changed the line ends. */
export function readBodyState(body: string | null): BodyState | null {
  const match = findLast(body ?? '');
  if (match === null) return null;
  return { fingerprint: match[1] ?? '', commit: match[2] ?? '', phase: match[3] as BodyState['phase'] };
}

/** Whether a person ticked the box: who may edit the body may push to the branch, too. */
export function asksForRewrite(body: string | null): boolean {
  return new RegExp(`^\\s*[-*] \\[[xX]\\] ${box}`, 'm').test(body ?? '');
}

/** The body as it was before `writeBodyState`. */
export function withoutBodyState(body: string | null): string {
  return splitBody(body)
    .own.replace(new RegExp(`${pattern.source}$`), '')
    .replace(new RegExp(`\\n---\\n+\\s*[-*] \\[.\\] ${box}.*`), '')
    .trimEnd();
}

/** Whether a body that GitHub gave back says the same as ours, in the part that is ours. */
export function sameBody(theirs: string | null, ours: string): boolean {
  return splitBody(theirs).own.trim() === ours.trim();
}

/** Our part written anew, with what a person or a bot has put below it. */
export function replaceOwnPart(theirs: string | null, ours: string): string {
  const { added } = splitBody(theirs);
  if (added === '') return ours;
  const own = `${ours.trimEnd()}\n\n`;
  return `${own}${added.slice(0, longestBody - own.length - 1)}\n`;
}

/** All is ours where no note of ours tells where that ends. */
function splitBody(body: string | null): { readonly own: string; readonly added: string } {
  const text = normalize(body);
  const match = findLast(text);
  if (match === null) return { own: text, added: '' };
  const end = match.index + match[0].length;
  return { own: text.slice(0, end), added: text.slice(end).trim() };
}

function findLast(text: string): RegExpExecArray | null {
  return [...text.matchAll(pattern)].at(-1) ?? null;
}

function normalize(body: string | null): string {
  return (body ?? '').replaceAll('\r\n', '\n');
}
