import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setOutput } from '@actions/core';
import type { Environment } from '../../config/index.ts';
import { findMissing, findProblems, type Report, renderJson, renderSarif } from '../../report/index.ts';

/** Every output of action.yml. */
export type OutputName =
  | 'pr-number'
  | 'pr-url'
  | 'pr-operation'
  | 'branch'
  | 'head-sha'
  | 'commits-verified'
  | 'images-found'
  | 'images-copied'
  | 'images-failed'
  | 'problems'
  | 'report'
  | 'sarif';

/** Sets what the report says, and writes its files into a folder of the runner that goes with the job. */
export async function writeOutputs(report: Report, env: Environment): Promise<void> {
  const folder = await mkdtemp(join(env['RUNNER_TEMP'] || tmpdir(), 'holdfast-'));
  const outputs = { ...countImages(report), ...(report.command === 'pr' ? listProposal(report) : {}) };
  for (const [name, value] of Object.entries(outputs)) setOutput(name, value);
  await write('report', join(folder, 'report.json'), renderJson(report));
  if (report.command === 'check') await write('sarif', join(folder, 'holdfast.sarif'), renderSarif(report));
}

async function write(name: OutputName, path: string, text: string): Promise<void> {
  await writeFile(path, text);
  setOutput(name, path);
}

function countImages(report: Report): Partial<Record<OutputName, string>> {
  const count = (...statuses: string[]) =>
    String(report.copies.filter(({ status }) => statuses.includes(status)).length);
  const names = new Set(report.images.flatMap(({ canonical }) => canonical ?? []));
  return {
    'images-found': String(names.size),
    'images-copied': count('copied'),
    'images-failed': count('failed', 'private'),
    ...(report.command === 'check' && {
      'images-failed': String(findMissing(report).size),
      problems: String(findProblems(report).length),
    }),
  };
}

/** With several requests (`group: directory`) the first is what the outputs say; `report` has them all. */
function listProposal({ proposals }: Report): Partial<Record<OutputName, string>> {
  const proposal = proposals.find(({ operation }) => operation !== 'closed') ?? proposals[0];
  if (proposal === undefined) return { 'pr-operation': 'none' };
  const { operation, number, url, branch, commit, verified } = proposal;
  return {
    'pr-operation': operation,
    'pr-number': number === null ? '' : String(number),
    'pr-url': url ?? '',
    branch,
    'head-sha': commit ?? '',
    'commits-verified': verified === null ? '' : String(verified),
  };
}
