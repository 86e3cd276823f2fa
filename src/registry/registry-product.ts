import type { IncomingHttpHeaders } from 'node:http';

/** What people run under names of their own, so that no host name tells it. */
export type RegistryProduct = 'artifactory' | 'gitlab' | 'harbor' | 'quay';

/**
 * By what each asks for credentials with, or signs its answers with. Harbor: goharbor/harbor#12192, #17930; GitLab:
 * docs.gitlab.com/administration/packages/container_registry (`service: container_registry`, `realm: …/jwt/auth`); Quay:
 * quay/quay `endpoints/v2/v2auth.py`; Artifactory: X-JFrog-Version, and `/api/docker/…/v2/token`.
 */
const challenges: readonly (readonly [RegistryProduct, RegExp])[] = [
  ['harbor', /service="harbor-registry"|^basic realm="harbor"/i],
  ['gitlab', /service="container_registry"|realm="[^"]*\/jwt\/auth"/i],
  ['quay', /realm="[^"]*\/v2\/auth"/i],
  ['artifactory', /realm="[^"]*\/api\/docker\/[^"]*v2\/token"/i],
];

/** Null when the answer tells nothing. */
export function findProduct(headers: IncomingHttpHeaders): RegistryProduct | null {
  if (headers['x-jfrog-version'] !== undefined || headers['x-artifactory-id'] !== undefined)
    return 'artifactory';
  const challenge = headers['www-authenticate'];
  if (challenge === undefined) return null;
  return challenges.find(([, sign]) => sign.test(challenge))?.[0] ?? null;
}
