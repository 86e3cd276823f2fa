import { findDocumentHold, isGeneratedFile } from './document-holds.ts';
import { listNames } from './find-pod-specs.ts';
import type { ServiceAccount, SourceFile } from './types.ts';
import { splitDocuments } from './yaml/documents.ts';
import { Lines } from './yaml/lines.ts';
import { readDocument } from './yaml/read-document.ts';
import { walkMaps } from './yaml/walk.ts';

/** The ServiceAccounts of a file in the order of the text. */
export function findServiceAccounts(file: SourceFile): ServiceAccount[] {
  const accounts: ServiceAccount[] = [];
  if (!file.text.includes('ServiceAccount')) return accounts;
  const lines = new Lines(file.text);
  const generated = isGeneratedFile(file.path, file.text);
  for (const part of splitDocuments(file.text)) {
    if (!/\bkind['"]?\s*:\s*['"]?ServiceAccount\b/.test(part.text)) continue;
    const { root, problem } = readDocument(part);
    const held = generated || problem !== null || findDocumentHold(part.text, root) !== null;
    walkMaps(root, (map, { object, aliased, duplicate }) => {
      if (object?.node !== map || object.workload.kind !== 'ServiceAccount' || object.workload.name === null)
        return;
      accounts.push({
        name: object.workload.name,
        namespace: object.workload.namespace,
        imagePullSecrets: listNames(map),
        file: file.path,
        document: part.index,
        path: object.path,
        line: lines.at(map.start).line,
        editable: !held && !aliased && !duplicate && !object.ignored,
      });
    });
  }
  return accounts;
}
