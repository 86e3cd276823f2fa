import { describe, expect, it } from 'vitest';
import { everywhere, pureBuiltins, rooms } from './arrows.ts';
import { findImports, packageOf, readSources, resolveImport, roomOf, type SourceText } from './imports.ts';

/** One sentence for each import that the table does not allow. */
function findWrongArrows(file: SourceText): string[] {
  const room = roomOf(file.path);
  const rule = rooms[room];
  if (!rule) return [`${file.path}: no rule for the room ${room}; add it to arrows.ts`];
  return findImports(file.text).flatMap(({ specifier, typeOnly }) => {
    const target = resolveImport(file.path, specifier);
    if (target === null) {
      const name = packageOf(specifier);
      if (name === null)
        return rule.pure && !typeOnly && !pureBuiltins.includes(specifier)
          ? [`${file.path}: a pure room imports ${specifier}`]
          : [];
      return rule.packages?.includes(name) ? [] : [`${file.path}: ${name} is not a package of ${room}`];
    }
    if (target === '../package.json') return room === 'version.ts' ? [] : [`${file.path}: ask version.ts`];
    const to = roomOf(target);
    if (to === room || everywhere.includes(to)) return [];
    if (to !== 'faces' && target.includes('/') && !/^(?:faces\/)?[^/]+\/index\.ts$/.test(target))
      return [`${file.path}: enters ${to} by ${target}, not by its index.ts`];
    const allowed = rule.uses.includes(to) || (typeOnly && rule.types?.includes(to));
    return allowed ? [] : [`${file.path}: ${room} must not import ${to}`];
  });
}

describe('the arrows between the rooms', () => {
  const sources = readSources();

  it('go one way, through the index.ts of a room, and to the packages of that room', () => {
    expect(sources.length).toBeGreaterThan(20);
    expect(sources.flatMap(findWrongArrows)).toEqual([]);
  });

  it('leave process to the faces', () => {
    const wrong = sources.filter(
      ({ path, text }) =>
        !path.startsWith('faces/') &&
        (/\bprocess\.[a-z]/i.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')) ||
          findImports(text).some(({ specifier }) => /^(node:)?process$/.test(specifier))),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('load the Kubernetes client only when a cluster is asked for', () => {
    const eager = sources.filter(({ text }) =>
      /^\s*(?:import|export)\s+(?!type\b)[^()]*?from\s+'@kubernetes\/client-node'/m.test(text),
    );
    // The one wrapper, which is itself imported lazily.
    expect(eager.map(({ path }) => path).filter((path) => path !== 'source/cluster/kubernetes.ts')).toEqual(
      [],
    );
  });

  it('leave no file with more than 400 lines', () => {
    const long = sources.filter(({ text }) => text.split('\n').length > 400);
    expect(long.map(({ path }) => path)).toEqual([]);
  });
});

describe('the reader of imports', () => {
  const text = `#!/usr/bin/env node
    import { a } from './a.ts';
    import type { B } from '../plan/index.ts';
    import {
      c,
      type D,
    } from '../copy/index.ts';
    import 'side-effect';
    export * from './e.ts';
    export type * from './types.ts';
    // import { no } from './comment.ts';
    const f = await import('@scope/lazy/part');`;

  it('sees every form, and tells types from values', () => {
    expect(findImports(text)).toEqual([
      { specifier: './a.ts', typeOnly: false },
      { specifier: '../plan/index.ts', typeOnly: true },
      { specifier: '../copy/index.ts', typeOnly: false },
      { specifier: './e.ts', typeOnly: false },
      { specifier: './types.ts', typeOnly: true },
      { specifier: 'side-effect', typeOnly: false },
      { specifier: '@scope/lazy/part', typeOnly: false },
    ]);
  });

  it('fails for an arrow that runs the wrong way, a side door, a stray package and an impure core', () => {
    const wrong = (path: string, code: string) => findWrongArrows({ path, text: code });
    expect(wrong('reference/a.ts', "import { x } from '../plan/index.ts';")).toHaveLength(1);
    expect(wrong('copy/a.ts', "import { x } from '../registry/client.ts';")).toHaveLength(1);
    expect(wrong('copy/a.ts', "import { parse } from 'yaml';")).toHaveLength(1);
    expect(wrong('plan/a.ts', "import { readFile } from 'node:fs/promises';")).toHaveLength(1);
    expect(wrong('faces/cli/a.ts', "import { x } from '../../copy/index.ts';")).toHaveLength(1);
    expect(wrong('faces/cli/a.ts', "import type { X } from '../../copy/index.ts';")).toEqual([]);
    expect(wrong('manifests/a.ts', "import { x } from '../reference/index.ts';")).toEqual([]);
  });
});
