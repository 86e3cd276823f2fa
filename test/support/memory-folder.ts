import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Where servers keep what they store: in memory where that can be, as most of their time would be waiting for a disk. */
export const memoryFolder: string = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
