/** A command of the command line. Rows of commands and rows of options both name one. */
export type CommandName =
  | 'scan'
  | 'plan'
  | 'rewrite'
  | 'copy'
  | 'check'
  | 'restore'
  | 'prune'
  | 'secret'
  | 'verify'
  | 'watch'
  | 'demo'
  | 'pr';
