import process from 'node:process';
import { startFaultProxy } from '../../support/fault-proxy.ts';

/** `slow-proxy.ts MILLISECONDS URL…`: a proxy before each URL that delays every request; prints their hosts as JSON. */
const [ms = '30', ...targets] = process.argv.slice(2);
const hosts: string[] = [];
for (const target of targets) {
  const proxy = await startFaultProxy(target, [{ match: {}, fault: { kind: 'delay', ms: Number(ms) } }]);
  hosts.push(proxy.host);
}
process.stdout.write(`${JSON.stringify(hosts)}\n`);
