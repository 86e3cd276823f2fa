import type { Clock } from '../../registry/index.ts';
import type { WatchEvents } from '../../watch/index.ts';
import { describeFailure } from '../failure.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** What happens, as log lines and as counters. */
export function watchEvents(log: Log, metrics: Metrics, clock: Clock): WatchEvents {
  return {
    onPicture({ needed, others, isFresh }) {
      if (isFresh) metrics.succeeded('picture', clock.now());
      log.debug({ images: needed, leftAlone: others }, 'looked at the cluster');
    },
    onKind(kind, problem) {
      if (problem === null) log.info({ kind }, 'objects of this kind are read again');
      else log.warn({ kind, problem }, 'objects of this kind cannot be read');
    },
    onCopied(outcome) {
      metrics.copied(outcome);
      const { canonical: image } = outcome.step;
      if ('error' in outcome) {
        const { code, message: problem } = outcome.error;
        log.warn({ image, code, problem }, 'not copied');
        return;
      }
      metrics.succeeded('copy', clock.now());
      const { digest, problems, warnings } = outcome;
      if (outcome.status === 'copied') log.info({ image, digest, bytes: outcome.bytes }, 'copied');
      else log.debug({ image, digest }, 'is in the backup');
      for (const problem of problems) log.warn({ image, problem }, 'copied in part');
      for (const warning of warnings) log.debug({ image, warning }, 'to know');
    },
    onUpstream(image, before, now) {
      const isNews = now.state === 'gone' || now.state === 'moved';
      const facts = { image, upstream: now.state, before: before.state, problem: now.problem };
      if (isNews) log.warn(facts, 'upstream changed');
      else log.debug(facts, 'upstream was asked');
    },
    onLost(image, digest) {
      log.warn({ image, digest }, 'what runs is no longer at upstream');
    },
    onProposed(repository, operation, url) {
      metrics.proposed(operation);
      metrics.succeeded('proposal', clock.now());
      log.info({ repository, operation, url }, 'proposed');
    },
    onIgnored(repository, keys) {
      log.info({ repository, keys }, "its own configuration sets what only the daemon's may");
    },
    onProblem(where, error) {
      const { code, message: problem } = describeFailure(error);
      metrics.failed(code);
      log.error({ where, code, problem }, 'it is tried again');
    },
  };
}
