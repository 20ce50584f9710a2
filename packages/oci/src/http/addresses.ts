import { BlockList, isIP } from 'node:net';

/** Addresses that are only valid on this machine or its own link. */
const LOCAL = blockList(
  ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16'],
  // fe80: link-local; fd00:ec2::254 is a cloud's metadata service.
  ['::/127', 'fe80::/10', 'fd00:ec2::/32'],
);

/** Addresses in private networks (RFC 1918, 6598, 4193), multicast, reserved, and those that embed another address. */
const PRIVATE = blockList(
  ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '192.0.0.0/24', '198.18.0.0/15', '224.0.0.0/3'],
  ['fc00::/7', 'fec0::/10', 'ff00::/8', '64:ff9b::/96', '64:ff9b:1::/48', '2002::/16', '2001::/32'],
);

/** @param host as in a URL: an IPv6 address in brackets */
export function isLoopback(host: string): boolean {
  const name = bare(host);
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}

/** Loopback and link-local addresses. A registry on another machine has no reason to refer to them. */
export function isLocalAddress(host: string): boolean {
  const name = bare(host);
  return isLoopback(name) || name.endsWith('.localhost') || within(LOCAL, name);
}

/**
 * An address (not a name) that is not reachable from the internet. A name may resolve to one too, but then TLS verifies
 * its certificate.
 */
export function isPrivateAddress(host: string): boolean {
  const name = bare(host);
  return isLocalAddress(name) || within(PRIVATE, name);
}

function within(list: BlockList, name: string): boolean {
  const family = isIP(name);
  return family !== 0 && list.check(name, family === 6 ? 'ipv6' : 'ipv4');
}

function bare(host: string): string {
  return host.replace(/^\[|\]$|\.$/g, '').toLowerCase();
}

function blockList(four: readonly string[], six: readonly string[]): BlockList {
  const list = new BlockList();
  const add = (family: 'ipv4' | 'ipv6') => (range: string) => {
    const [net = '', prefix] = range.split('/');
    list.addSubnet(net, Number(prefix), family);
  };
  four.forEach(add('ipv4'));
  six.forEach(add('ipv6'));
  return list;
}
