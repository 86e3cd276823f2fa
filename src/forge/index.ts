export { branchName, groupOf, groupPrefix, readGroup } from './branch-name.ts';
export { type CheckoutOptions, type CheckoutPlace, openCheckout } from './checkout.ts';
export { type GitHub, type GitHubOptions, openGitHub } from './github.ts';
export { type GitHubAddress, githubAddress } from './github-address.ts';
export { propose } from './propose.ts';
export { parseRemoteUrl, type RemoteUrl } from './remote-url.ts';
export * from './types.ts';
