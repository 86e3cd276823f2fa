import { createHash } from 'node:crypto';
import { version } from '../version.ts';
import { formatJson } from './json.ts';
import { findProblems, type Problem, type ProblemRule, ruleDescriptions } from './problems.ts';
import type { Report } from './types.ts';

const rules = Object.keys(ruleDescriptions).toSorted() as ProblemRule[];

/**
 * SARIF 2.1.0 as GitHub's code scanning accepts it: relative URIs, a fingerprint that survives moved lines, and at
 * most the 5,000 results that it keeps of a run.
 */
export function renderSarif(report: Report): string {
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'holdfast',
            semanticVersion: version,
            rules: rules.map((id) => ({
              id,
              shortDescription: { text: ruleDescriptions[id] },
              defaultConfiguration: {
                level: id === 'not-read' || id === 'backup-unknown' ? 'warning' : 'error',
              },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findProblems(report).slice(0, 5000).map(toResult),
      },
    ],
  };
  return formatJson(log);
}

function toResult(problem: Problem): object {
  const { rule, level, message, file, line, column, identity, subject } = problem;
  return {
    ruleId: rule,
    ruleIndex: rules.indexOf(rule),
    level,
    message: { text: message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/') },
          region: { startLine: line, ...(column === null ? {} : { startColumn: column }) },
        },
      },
    ],
    partialFingerprints: {
      'holdfast/v1': createHash('sha256').update([rule, file, identity, subject].join('\n')).digest('hex'),
    },
  };
}
