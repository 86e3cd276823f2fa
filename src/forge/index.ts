export { type FindToken, type GitHubApp, openAppTokens } from './app-token.ts';
export { branchName, groupOf, groupPrefix, readGroup } from './branch-name.ts';
export { type Change, openChange } from './change.ts';
export { type CheckoutOptions, type CheckoutPlace, openCheckout } from './checkout.ts';
export type { GitAccess } from './git.ts';
export { type GitHub, type GitHubOptions, openGitHub } from './github.ts';
export {
  type GitHubAddress,
  githubAddress,
  githubRemote,
  githubServer,
  takesToken,
} from './github-address.ts';
export { type History, openHistory } from './history.ts';
export type { FileVersion } from './history-files.ts';
export { propose } from './propose.ts';
export { checkRepository, findOpenBranches } from './pull-requests.ts';
export { type RemoteBranches, readBranches } from './read-branches.ts';
export { cleanRemoteUrl, isFolder, parseRemoteUrl, type RemoteUrl } from './remote-url.ts';
export { keepComment, suggestLines } from './review.ts';
export * from './types.ts';
