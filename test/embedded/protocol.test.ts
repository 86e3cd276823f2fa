import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { startRegistry } from '../../src/embedded/index.ts';
import { findDockerRegistry, startDockerRegistry } from '../support/docker-registry.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { describeProtocol } from './protocol-suite.ts';

describe('in memory', () => {
  describeProtocol('embedded', () => startRegistry());
});

describe('in a folder', () => {
  describeProtocol('embedded', async () => {
    const root = mkdtempSync(join(tmpdir(), 'holdfast-embedded-'));
    const registry = await startRegistry({ root });
    return {
      url: registry.url,
      async close() {
        await registry.close();
        rmSync(root, { recursive: true });
      },
    };
  });
});

const missing = findDockerRegistry() === null;

describe.skipIf(missing)('the real one (skipped where docker-registry is not installed)', () => {
  describeProtocol('docker-registry', () => startDockerRegistry());
});

describe.skipIf(missing)(
  'the real one behind a quiet fault proxy (skipped where docker-registry is not installed)',
  () => {
    describeProtocol('docker-registry', async () => {
      const registry = await startDockerRegistry();
      const proxy = await startFaultProxy(registry.url);
      return {
        url: proxy.url,
        async close() {
          await proxy.close();
          await registry.close();
        },
      };
    });
  },
);
