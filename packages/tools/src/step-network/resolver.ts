import { isIPv4 } from 'node:net';

/** Name servers of RUN steps, if they differ from /etc/resolv.conf. */
export interface Resolver {
  readonly nameservers: readonly string[];
  readonly searchDomains: readonly string[];
}

const MACHINE = '/etc/resolv.conf';
/**
 * Files in which local resolvers with a loopback address (systemd-resolved, NetworkManager) record their upstream
 * servers.
 */
const BEHIND = ['/run/systemd/resolve/resolv.conf', '/run/NetworkManager/no-stub-resolv.conf'];

/**
 * The name servers that RUN steps can reach over IPv4 from their own network namespace. If only a loopback address is
 * configured, BuildKit would use a public server instead, which knows no internal names of the company.
 * @param read the text of a file; undefined if it does not exist
 * @returns `undefined` if BuildKit's default is correct; a sentence with the reason if no server can be reached
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
    // The last line counts (resolv.conf(5)).
    searchDomains: values('search').at(-1) ?? [],
  };
}

function isReachable(address: string): boolean {
  return isIPv4(address) && !/^(127|0)\./.test(address);
}
