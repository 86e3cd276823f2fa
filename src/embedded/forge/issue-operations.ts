import { describeComment, describeIssue, describeLabel } from './describe-pull.ts';
import { invalid, notFound } from './refusals.ts';
import { findPull, type Operation, page, type Room } from './room.ts';
import type { Comment, ForgeAnswer } from './types.ts';

const issues = '/repos/{owner}/{repo}/issues';

export const issueOperations: readonly Operation[] = [
  { method: 'PATCH', path: `${issues}/{issue_number}`, needs: ['issues', 'write'], answer: update },
  { method: 'POST', path: `${issues}/{issue_number}/labels`, needs: ['issues', 'write'], answer: addLabels },
  { method: 'POST', path: `${issues}/{issue_number}/assignees`, needs: ['issues', 'write'], answer: assign },
  {
    method: 'GET',
    path: `${issues}/{issue_number}/comments`,
    needs: ['issues', 'read'],
    answer: listComments,
  },
  { method: 'POST', path: `${issues}/{issue_number}/comments`, needs: ['issues', 'write'], answer: comment },
  {
    method: 'PATCH',
    path: `${issues}/comments/{comment_id}`,
    needs: ['issues', 'write'],
    answer: editComment,
  },
];

function update(room: Room): ForgeAnswer {
  const pull = findPull(room);
  if (!pull) return notFound();
  const milestone = room.body['milestone'];
  if (typeof milestone === 'number') {
    if (!room.repository.milestones.includes(milestone)) return invalid('Issue', { field: 'milestone' });
    pull.milestone = milestone;
  }
  if (room.body['labels'] !== undefined) pull.labels = strings(room.body['labels']);
  return { status: 200, body: describeIssue(room, pull) };
}

function addLabels(room: Room): ForgeAnswer {
  const pull = findPull(room);
  if (!pull) return notFound();
  pull.labels = [...new Set([...pull.labels, ...strings(room.body['labels'])])];
  return { status: 200, body: pull.labels.map((name) => describeLabel(room, name)) };
}

/** GitHub leaves those out without a word who cannot be assigned. */
function assign(room: Room): ForgeAnswer {
  const pull = findPull(room);
  if (!pull) return notFound();
  const known = strings(room.body['assignees']).filter((login) => room.repository.people.includes(login));
  pull.assignees = [...new Set([...pull.assignees, ...known])];
  return { status: 201, body: describeIssue(room, pull) };
}

function listComments(room: Room): ForgeAnswer {
  const pull = findPull(room);
  if (!pull) return notFound();
  const path = `/repos/${room.repository.owner}/${room.repository.name}/issues/${pull.number}/comments`;
  return page(
    room,
    path,
    pull.comments.map((item) => describeComment(room, pull, item)),
  );
}

function comment(room: Room): ForgeAnswer {
  const pull = findPull(room);
  if (!pull) return notFound();
  const now = new Date().toISOString();
  const added: Comment = {
    id: room.nextId(),
    author: room.user,
    body: String(room.body['body']),
    created: now,
    updated: now,
  };
  pull.comments.push(added);
  return { status: 201, body: describeComment(room, pull, added) };
}

function editComment(room: Room): ForgeAnswer {
  const id = Number(room.parameters['comment_id']);
  for (const pull of room.repository.pulls) {
    const found = pull.comments.find((item) => item.id === id);
    if (!found) continue;
    found.body = String(room.body['body']);
    found.updated = new Date().toISOString();
    return { status: 200, body: describeComment(room, pull, found) };
  }
  return notFound();
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
