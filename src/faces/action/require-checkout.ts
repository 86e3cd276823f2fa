import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '../../error.ts';

/** Throws `usage` when no step before this one has checked the repository out. */
export async function requireCheckout(workspace: string): Promise<void> {
  try {
    await stat(join(workspace, '.git'));
  } catch (cause) {
    throw new HoldfastError('usage', 'There is no checkout here: put actions/checkout before this step.', {
      cause,
    });
  }
}
