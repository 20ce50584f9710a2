import { isIPv4 } from 'node:net';

/** What RUN steps ask for names, where that is not what /etc/resolv.conf says. */
export interface Resolver {
  readonly nameservers: readonly string[];
  readonly searchDomains: readonly string[];
}

const MACHINE = '/etc/resolv.conf';
/** Where programs that put themselves on a loopback address (systemd-resolved, NetworkManager) note whom they ask. */
const BEHIND = ['/run/systemd/resolve/resolv.conf', '/run/NetworkManager/no-stub-resolv.conf'];

/**
 * The name servers that RUN steps reach from a network namespace of their own, over IPv4. Given a loopback address alone,
 * BuildKit would have them ask a public server instead, which knows no name of the company's.
 * @param read the text of a file; undefined where there is none
 * @returns `undefined` where BuildKit does the right thing by itself; a sentence where no server can be reached
 */
export async function stepResolver(
  read: (path: string) => Promise<string | undefined>,
): Promise<Resolver | string | undefined> {
  const named = readResolvConf((await read(MACHINE)) ?? '');
  if (named.nameservers.length === 0 || named.nameservers.some(isReachable)) return undefined;
  for (const path of BEHIND) {
    const { nameservers, searchDomains } = readResolvConf((await read(path)) ?? '');
    const reachable = nameservers.filter(isReachable);
    if (reachable.length > 0) return { nameservers: reachable, searchDomains };
  }
  return `${MACHINE} lists only ${named.nameservers.join(', ')}, which RUN steps cannot reach from another network`;
}

function readResolvConf(text: string): Resolver {
  const values = (keyword: string) =>
    text
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([first]) => first === keyword)
      .map(([, ...rest]) => rest);
  return {
    nameservers: values('nameserver').flatMap(([address]) => (address === undefined ? [] : [address])),
    // The last one counts (resolv.conf(5)).
    searchDomains: values('search').at(-1) ?? [],
  };
}

function isReachable(address: string): boolean {
  return isIPv4(address) && !/^(127|0)\./.test(address);
}
