import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../src/faces/action/event.ts';
import { decideMode } from '../../../src/faces/action/mode.ts';

const [base, head] = ['a'.repeat(40), 'b'.repeat(40)];
const home = { full_name: 'acme/gitops', default_branch: 'main' };

function pullRequest(change: object = {}, from: object | null = home) {
  return {
    number: 7,
    repository: home,
    pull_request: {
      number: 7,
      author_association: 'MEMBER',
      user: { login: 'jane' },
      base: { sha: base },
      head: { sha: head, repo: from },
      ...change,
    },
  };
}

function push(ref: string, more: object = {}) {
  return { ref, before: base, after: head, repository: home, ...more };
}

function decide(
  name: string,
  payload: object,
  asked: 'auto' | 'check' | 'rewrite' = 'auto',
  branch: string | null = null,
) {
  const event = parseEvent({ GITHUB_EVENT_NAME: name, GITHUB_ACTOR: 'jane' }, payload);
  return decideMode(asked, event, branch).mode;
}

describe('mode: auto', () => {
  it.each([
    ['schedule', {}, 'rewrite'],
    ['workflow_dispatch', {}, 'rewrite'],
    ['repository_dispatch', {}, 'rewrite'],
    ['push', push('refs/heads/main'), 'rewrite'],
    ['push', push('refs/heads/feature'), 'check'],
    ['push', push('refs/heads/holdfast/main'), 'check'],
    ['push', push('refs/tags/v1'), 'check'],
    ['push', push('refs/heads/main', { deleted: true, after: '0'.repeat(40) }), 'none'],
    ['pull_request', pullRequest(), 'check'],
    ['pull_request', pullRequest({}, { full_name: 'stranger/gitops' }), 'check'],
    ['merge_group', { merge_group: { base_sha: base, head_sha: head } }, 'check'],
  ])('on %s with %o it is %3$s', (name, payload, mode) => {
    expect(decide(name, payload)).toBe(mode);
  });

  it('takes the configured base for the branch that a push has to be to', () => {
    expect(decide('push', push('refs/heads/main'), 'auto', 'production')).toBe('check');
    expect(decide('push', push('refs/heads/production'), 'auto', 'production')).toBe('rewrite');
  });

  it.each(['issue_comment', 'workflow_run', 'release', ''])(
    'refuses %s, of which nothing is known',
    (name) => {
      expect(() => decide(name, {})).toThrow(
        /does not know what to do on .*use pull_request, merge_group, push/,
      );
    },
  );

  it.each(['auto', 'check', 'rewrite'] as const)('refuses pull_request_target, with mode: %s too', (mode) => {
    expect(() => decide('pull_request_target', pullRequest(), mode)).toThrow(/pull_request_target/);
  });
});

describe('other events that are about a pull request', () => {
  it.each(['pull_request_review', 'pull_request_review_comment'])(
    'takes %s for the request itself: the base says what it is checked against, and nothing is rewritten',
    (name) => {
      const event = parseEvent(
        { GITHUB_EVENT_NAME: name },
        pullRequest({}, { full_name: 'stranger/gitops' }),
      );
      expect(event).toMatchObject({ kind: 'pull-request', base, head, restricted: true });
      expect(decide(name, pullRequest())).toBe('check');
      expect(() => decide(name, pullRequest(), 'rewrite')).toThrow(/does not run on pull_request/);
    },
  );

  it.each([
    ['issue_comment', { issue: { number: 7, pull_request: { url: 'https://api.github.com/' } } }],
    ['workflow_run', { workflow_run: { event: 'pull_request', head_sha: head } }],
    ['workflow_run', { workflow_run: { event: 'pull_request_review', head_sha: head } }],
  ])('refuses %s, which has secrets and names no commits', (name, payload) => {
    for (const mode of ['auto', 'check', 'rewrite'] as const)
      expect(() => decide(name, payload, mode)).toThrow(
        `does not run on ${name}: there it would read files of strangers`,
      );
  });

  it('lets the same events pass when they are about something else', () => {
    expect(decide('issue_comment', { issue: { number: 8 } }, 'check')).toBe('check');
    expect(decide('workflow_run', { workflow_run: { event: 'push' } }, 'rewrite')).toBe('rewrite');
  });
});

describe('a mode that is asked for', () => {
  it('counts on any event that can take it', () => {
    expect(decide('schedule', {}, 'check')).toBe('check');
    expect(decide('release', {}, 'check')).toBe('check');
    expect(decide('push', push('refs/heads/feature'), 'rewrite')).toBe('rewrite');
  });

  it('never rewrites on what a pull request says', () => {
    expect(() => decide('pull_request', pullRequest(), 'rewrite')).toThrow(/does not run on pull_request/);
    const group = { merge_group: { base_sha: base, head_sha: head } };
    expect(() => decide('merge_group', group, 'rewrite')).toThrow(
      /does not run on pull_request or merge_group/,
    );
  });
});

describe('parseEvent', () => {
  const isRestricted = (payload: object, actor = 'jane') => {
    const event = parseEvent({ GITHUB_EVENT_NAME: 'pull_request', GITHUB_ACTOR: actor }, payload);
    return event.kind === 'pull-request' && event.restricted;
  };

  it('takes forks, deleted forks and Dependabot for what has no secrets', () => {
    expect(isRestricted(pullRequest())).toBe(false);
    expect(isRestricted(pullRequest({}, { full_name: 'stranger/gitops' }))).toBe(true);
    expect(isRestricted(pullRequest({}, null))).toBe(true);
    expect(isRestricted(pullRequest({ user: { login: 'dependabot[bot]' } }))).toBe(true);
    expect(isRestricted(pullRequest(), 'dependabot[bot]')).toBe(true);
  });

  it('takes zeros for no commit: a branch that is new has nothing before', () => {
    const payload = push('refs/heads/feature', { before: '0'.repeat(40) });
    expect(parseEvent({ GITHUB_EVENT_NAME: 'push' }, payload)).toMatchObject({ base: null, head });
  });

  it('refuses commits that are no ids, so that none becomes an option of git', () => {
    const payload = pullRequest({ head: { sha: '--upload-pack=touch', repo: home } });
    expect(() => parseEvent({ GITHUB_EVENT_NAME: 'pull_request' }, payload)).toThrow(
      /does not name the commits/,
    );
    expect(
      parseEvent({ GITHUB_EVENT_NAME: 'push' }, push('refs/heads/x', { after: '--all', before: '-x' })),
    ).toMatchObject({ base: null });
  });

  it('says what is wrong when it is given nothing', () => {
    expect(() => parseEvent({ GITHUB_EVENT_NAME: 'pull_request' }, null)).toThrow(/GITHUB_EVENT_PATH/);
  });
});
