import type { BlobDraft } from './blob-storage.ts';

/** One upload: opened by POST, fed by PATCH, closed by PUT or DELETE. */
export interface UploadSession {
  readonly id: string;
  readonly name: string;
  readonly draft: BlobDraft;
}
