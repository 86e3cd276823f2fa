import type { ProposeOptions } from '../../src/forge/index.ts';

export const plainOptions: ProposeOptions = {
  commitVia: 'git',
  labels: [],
  reviewers: [],
  teamReviewers: [],
  assignees: [],
  milestone: null,
  draft: false,
  dryRun: false,
};
