import { HoldfastError } from '../../error.ts';
import type { RunEvent } from './event.ts';
import type { Inputs } from './inputs.ts';

/** What this run does, and in a sentence why. */
export interface Mode {
  readonly mode: 'check' | 'rewrite' | 'none';
  readonly why: string;
}

/**
 * Decides what to do. `base`: the branch that the configuration names. Throws `usage` for what must not or cannot be
 * done on this event.
 */
export function decideMode(asked: Inputs['mode'], event: RunEvent, base: string | null): Mode {
  if (event.kind === 'pull-request-target')
    throw new HoldfastError(
      'usage',
      `holdfast does not run on ${event.name}: there it would read files of strangers with a token that may write and with your secrets. ` +
        'Use pull_request, which works for forks too, without secrets.',
    );
  if (event.kind === 'push' && event.deleted) return { mode: 'none', why: 'a branch was deleted' };
  const decided = decide(event, base);
  if (asked === 'auto' && decided !== null) return decided;
  if (asked === 'auto')
    throw new HoldfastError(
      'usage',
      `holdfast does not know what to do on ${event.kind === 'other' ? event.name : event.kind}: ` +
        'use pull_request, merge_group, push, schedule or workflow_dispatch, or set the input mode.',
    );
  if (asked === 'rewrite' && (event.kind === 'pull-request' || event.kind === 'merge-group'))
    throw new HoldfastError(
      'usage',
      'mode: rewrite proposes to a branch, so it does not run on pull_request or merge_group: use push, schedule or workflow_dispatch, ' +
        'or mode: check with copy-on-pr.',
    );
  return { mode: asked, why: 'as the input mode says' };
}

function decide(event: RunEvent, base: string | null): Mode | null {
  switch (event.kind) {
    case 'pull-request':
      return {
        mode: 'check',
        why: event.restricted ? 'a pull request from a fork or by Dependabot' : 'a pull request',
      };
    case 'merge-group':
      return { mode: 'check', why: 'a merge queue' };
    case 'run':
      return { mode: 'rewrite', why: 'a schedule or a start by hand' };
    case 'push': {
      const wanted = base ?? event.defaultBranch;
      return event.branch !== null && event.branch === wanted
        ? { mode: 'rewrite', why: 'a push to the base branch' }
        : { mode: 'check', why: `a push to something else than the base branch ${wanted ?? ''}`.trimEnd() };
    }
    default:
      return null;
  }
}
