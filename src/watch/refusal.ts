import { RegistryError } from '../registry/index.ts';

/** Docker Hub answers 401 for what was deleted, others 403 or 404: to those who may not see it, it is not there. */
export function isRefusal(error: unknown): boolean {
  return error instanceof RegistryError && ['unauthorized', 'denied', 'not-found'].includes(error.code);
}
