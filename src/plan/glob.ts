/**
 * Globs over path segments: `*` and `?` stay within a segment, `**` crosses them, and `a/**` also matches `a`.
 * `{a,b}` are alternatives; everything else means itself. Not picomatch: patterns come from repositories that the
 * daemon does not trust, and its regular expressions take exponential time on `*a*a*a…`. Here it is pattern × text.
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  const alternatives = expandBraces(pattern);
  return (text) => alternatives.some((alternative) => matchesPath(alternative, text));
}

/** What is wrong with a pattern, as a sentence; null when nothing is. */
export function findGlobProblem(pattern: string): string | null {
  if (pattern === '') return 'a pattern is empty';
  if (pattern.length > longestPattern) return `a pattern has more than ${longestPattern} characters`;
  if (pattern.startsWith('!'))
    return `the pattern "${pattern}" starts with "!": there is no negation, leave it out`;
  if (/[[\]()|]/.test(pattern) && !/^\[[a-f0-9:]+\]/i.test(pattern))
    return `the pattern "${pattern}" has brackets: only *, **, ? and {a,b} have a meaning`;
  if (expandBraces(pattern).length > mostAlternatives)
    return `the pattern "${pattern}" has more than ${mostAlternatives} alternatives: write several patterns`;
  return null;
}

const longestPattern = 256;
const mostAlternatives = 64;

function expandBraces(pattern: string): string[] {
  let expanded = [''];
  let rest = pattern;
  for (;;) {
    const group = /\{([^{}]*,[^{}]*)\}/.exec(rest);
    if (group === null) return expanded.map((start) => start + rest);
    const before = rest.slice(0, group.index);
    const choices = (group[1] ?? '').split(',');
    expanded = expanded.flatMap((start) => choices.map((choice) => start + before + choice));
    if (expanded.length > mostAlternatives) return expanded;
    rest = rest.slice(group.index + group[0].length);
  }
}

function matchesPath(pattern: string, text: string): boolean {
  return matchesAll(pattern.split('/'), text.split('/'), '**', (part, segment) =>
    matchesAll(part.replace(/\*+/g, '*').split(''), segment.split(''), '*', (a, b) => a === '?' || a === b),
  );
}

/** The greedy wildcard walk: on a mismatch only the last star takes one more, so that it is pattern × text. */
function matchesAll(
  pattern: readonly string[],
  text: readonly string[],
  star: string,
  fits: (part: string, item: string) => boolean,
): boolean {
  let at = 0;
  let next = 0;
  let lastStar = -1;
  let resume = 0;
  while (next < text.length) {
    const part = pattern[at];
    if (part === star) {
      lastStar = at;
      at += 1;
      resume = next;
    } else if (part !== undefined && fits(part, text[next] ?? '')) {
      at += 1;
      next += 1;
    } else if (lastStar >= 0) {
      at = lastStar + 1;
      resume += 1;
      next = resume;
    } else return false;
  }
  return pattern.slice(at).every((part) => part === star);
}
