import { findImages } from './find-images.ts';
import type { ImageUse, Scan, SourceFile, Unread } from './types.ts';

/** What a scan is told. */
export interface ScanOptions {
  /** Every path of the tree, also of files that were not read (`Chart.yaml`); those of `files` by default. */
  readonly paths?: readonly string[];
}

/** Everything that the manifests name: each file by itself, then what the files say of each other. */
export function scanManifests(files: Iterable<SourceFile>, _options: ScanOptions = {}): Scan {
  const uses: ImageUse[] = [];
  const skipped: Unread[] = [];
  for (const file of files) {
    const scan = findImages(file);
    uses.push(...scan.uses);
    skipped.push(...scan.skipped);
  }
  return { uses, skipped };
}
