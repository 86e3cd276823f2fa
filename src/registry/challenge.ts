/** One challenge of a WWW-Authenticate header; names in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

/** RFC 9110 § 11.6.1: several challenges, quoted strings, any case; what is not understood is passed over. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  const parameter = new RegExp(`^(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${token}))`);
  const scheme = new RegExp(`^(${token})(?=\\s|,|$)`);
  let rest = header.slice(0, 8192);
  for (;;) {
    rest = rest.replace(/^[\s,]+/, '');
    if (rest === '') return challenges;
    const current = challenges.at(-1);
    const pair = parameter.exec(rest);
    const name = pair === null ? scheme.exec(rest) : null;
    if (pair !== null) {
      const value = pair[2]?.replaceAll(/\\(.)/g, '$1') ?? pair[3] ?? '';
      if (current !== undefined) current.parameters[(pair[1] ?? '').toLowerCase()] ??= value;
      rest = rest.slice(pair[0].length);
    } else if (name !== null) {
      challenges.push({
        scheme: name[0].toLowerCase(),
        parameters: Object.create(null) as Record<string, string>,
      });
      rest = rest.slice(name[0].length);
    } else rest = rest.replace(/^[^\s,]+/, '');
  }
}
