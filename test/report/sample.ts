import type { ImageUse } from '../../src/manifests/index.ts';
import type { Digest } from '../../src/reference/index.ts';
import type { CopyFinding, ImageFinding, Report } from '../../src/report/index.ts';

export const digest = `sha256:${'a'.repeat(64)}` as Digest;

export function sampleUse(change: Partial<ImageUse> = {}): ImageUse {
  return {
    file: 'k8s/web.yaml',
    line: 21,
    column: 16,
    range: [100, 110],
    written: 'nginx:1.25',
    layer: 'pod',
    field: 'spec.template.spec.containers[0].image',
    workload: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', namespace: 'shop' },
    document: 0,
    podSpec: 'spec.template.spec',
    hold: null,
    heldBy: null,
    ...change,
  };
}

export function sampleImage(change: Partial<ImageFinding> = {}): ImageFinding {
  return {
    use: sampleUse(),
    canonical: 'docker.io/library/nginx:1.25',
    state: 'candidate',
    reason: null,
    explanation: null,
    editable: true,
    ...change,
  };
}

export function sampleCopy(change: Partial<CopyFinding> = {}): CopyFinding {
  return {
    source: 'docker.io/library/nginx:1.25',
    backup: 'ghcr.io/acme/backup/docker.io/library/nginx:1.25',
    digest,
    status: 'copied',
    platforms: ['linux/amd64', 'linux/arm64'],
    bytes: 54_100_000,
    blobs: { copied: 7, mounted: 1, present: 0 },
    error: null,
    moved: null,
    problems: [],
    warnings: [],
    ...change,
  };
}

export function sampleReport(change: Partial<Report> = {}): Report {
  return {
    command: 'rewrite',
    root: '/srv/shop',
    files: 3,
    images: [sampleImage()],
    copies: [sampleCopy()],
    edits: [],
    changes: [],
    skipped: [],
    proposals: [],
    backups: [],
    prunings: [],
    shards: [],
    notes: [],
    attention: false,
    ...change,
  };
}
