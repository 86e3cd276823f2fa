import dns from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

const linkLocal = new BlockList();
linkLocal.addSubnet('169.254.0.0', 16);
linkLocal.addSubnet('fe80::', 10, 'ipv6');
linkLocal.addAddress('fd00:ec2::254', 'ipv6');

const ownNetworks = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  ownNetworks.addSubnet(network, prefix);
ownNetworks.addSubnet('fc00::', 7, 'ipv6');
ownNetworks.addAddress('::1', 'ipv6');
ownNetworks.addAddress('::', 'ipv6');

/** Where an address leads: link-local holds the metadata services of clouds. */
export type Reach = 'public' | 'private' | 'link-local';

/** Of an IP address without brackets; IPv4 mapped into IPv6 counts as IPv4. */
export function reachOf(address: string): Reach {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (linkLocal.check(address, family)) return 'link-local';
  return ownNetworks.check(address, family) ? 'private' : 'public';
}

/** Of a URL's host when it tells without a lookup, else null. */
export function reachOfHost(hostname: string): Reach | null {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return reachOf(host);
  return host === 'localhost' || host.endsWith('.localhost') ? 'private' : null;
}

/** The code of the error that `publicLookup` ends in. */
export const privateAddressCode = 'EPRIVATEADDRESS';

/** Looks names up for connections that a registry's answer sent us to: refuses those that lead inside. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, '');
    const inside = addresses.find(({ address }) => reachOf(address) !== 'public');
    const first = addresses[0];
    if (inside !== undefined || first === undefined) {
      const refused = Object.assign(new Error(`${hostname} is a private address`), {
        code: privateAddressCode,
      });
      return callback(refused, '');
    }
    if (options.all) return callback(null, addresses);
    callback(null, first.address, first.family);
  });
};
