import { describe, expect, it } from 'vitest';
import { scanManifests } from '../../src/manifests/index.ts';

/** Each image of some files, with what holds it and where that is decided. */
function scan(files: Readonly<Record<string, string>>): string[] {
  const { uses } = scanManifests(Object.entries(files).map(([path, text]) => ({ path, text })));
  return uses.map(({ file, line, written, hold, heldBy }) =>
    [`${file}:${line}`, written, hold, heldBy && `${heldBy.file}:${heldBy.line}`].filter(Boolean).join(' '),
  );
}

function image(keys: Readonly<Record<string, string>>): string {
  const lines = Object.entries(keys).map(([key, value]) => `  ${key}: "${value}"`);
  return ['image:', ...lines, ''].join('\n');
}

describe('values of several sources', () => {
  it('name the backup that runs, where only its repository was written by hand', () => {
    const files = {
      'values.yaml': image({ repository: 'backup.example/ghcr.io/acme/web', tag: '1.25' }),
      'values-prod.yaml': image({ tag: '1.26' }),
    };
    expect(scan(files)).toEqual([
      'values-prod.yaml:2 backup.example/ghcr.io/acme/web:1.26 composed values.yaml:2',
      'values.yaml:2 backup.example/ghcr.io/acme/web:1.25 composed values-prod.yaml:2',
    ]);
  });

  it('are edited in both files where each says the whole name', () => {
    const files = {
      'values.yaml': image({ repository: 'ghcr.io/acme/web', tag: '1' }),
      'values-prod.yaml': image({ repository: 'ghcr.io/acme/web', tag: '2', digest: '' }),
    };
    expect(scan(files)).toEqual([
      'values-prod.yaml:2 ghcr.io/acme/web:2',
      'values.yaml:2 ghcr.io/acme/web:1',
    ]);
  });

  it('hold each other where a digest that is filled in would stay under another tag', () => {
    const files = {
      'values.yaml': image({ repository: 'ghcr.io/acme/web', tag: '1', digest: '' }),
      'values-prod.yaml': image({ repository: 'ghcr.io/acme/web', tag: '2' }),
    };
    expect(scan(files)).toEqual([
      'values-prod.yaml:2 ghcr.io/acme/web:2 composed values.yaml:4',
      'values.yaml:2 ghcr.io/acme/web:1 composed values-prod.yaml:3',
    ]);
  });

  it('are those of one chart each, where files beside each other say whole names', () => {
    const files = {
      'web-values.yaml': image({ repository: 'ghcr.io/acme/web', tag: '1' }),
      'api-values.yaml': image({ registry: 'ghcr.io', repository: 'acme/api', tag: '2' }),
    };
    expect(scan(files)).toEqual([
      'api-values.yaml:3 ghcr.io/acme/api:2',
      'web-values.yaml:2 ghcr.io/acme/web:1',
    ]);
  });
});
