import { createHash, randomInt } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { TomlValue } from '../buildkitd/config.ts';
import { makeFolder } from '../run/folder.ts';
import type { Tool } from '../toolbox/tool.ts';
import { copyPlugins } from './plugins.ts';
import { stepResolver } from './resolver.ts';
import { freeSubnet, hasIpv6Default, type Route, readRoutes } from './routes.ts';

/** Reads a file of the machine; undefined if it does not exist. */
export type ReadMachine = (path: string) => Promise<string | undefined>;

export interface BridgeOptions {
  readonly tool: Tool;
  /** The daemon's folder. */
  readonly folder: string;
  readonly read?: ReadMachine | undefined;
  /** The user has set name servers for the steps. */
  readonly hasResolver?: boolean;
  /** Folders with the machine's own plugins. */
  readonly installed?: readonly string[];
}

/** Settings of buildkitd.toml for the bridge. */
export interface Bridge {
  readonly worker: Readonly<Record<string, TomlValue>>;
  /** If they differ from the machine's. */
  readonly dns?: Readonly<Record<string, TomlValue>> | undefined;
}

/**
 * Prepare a network namespace for each RUN step, behind a bridge that only this daemon uses: a step can reach
 * everything that the machine can reach, but no service on the runner's 127.0.0.1 and no other step. Whether the
 * machine allows a bridge is known when the daemon starts: it creates the first namespace before it responds.
 * @returns a sentence with the reason if it cannot work here
 */
export async function prepareBridge({
  tool,
  folder,
  installed,
  hasResolver,
  ...given
}: BridgeOptions): Promise<Bridge | string> {
  const read = given.read ?? readMachine;
  const routes = readRoutes((await read('/proc/net/route')) ?? '');
  if (!routes.some(({ isDefault }) => isDefault) && hasIpv6Default((await read('/proc/net/ipv6_route')) ?? '')) {
    return 'this machine reaches other networks only over IPv6, but the bridge uses IPv4';
  }
  const subnet = freeSubnet(routes, randomInt(2 ** 32) / 2 ** 32);
  if (subnet === undefined) return 'every subnet of 198.18.0.0/15 is in use on this machine';
  const resolver = hasResolver ? undefined : await stepResolver(read);
  if (typeof resolver === 'string') return resolver;
  const network = join(folder, 'network');
  const plugins = join(network, 'plugins');
  const missing = await copyPlugins(dirname(tool.path), plugins, installed);
  if (missing !== undefined) return missing;
  await makeFolder(network, 0o700);
  const list = join(network, 'bridge.conflist');
  await writeFile(list, JSON.stringify(configList(folder, subnet, await mtuOf(routes, read))));
  return {
    worker: { networkMode: 'cni', cniConfigPath: list, cniBinaryPath: plugins, cniPoolSize: 1 },
    dns: resolver && { ...resolver },
  };
}

/**
 * An interface name has at most 15 characters. The same folder gives the same name, so that the bridge of an ended
 * daemon is found again.
 */
export function bridgeName(folder: string): string {
  return `tidegate-${createHash('sha256').update(folder).digest('hex').slice(0, 6)}`;
}

/** Format: https://www.cni.dev/docs/spec, and for the plugins https://www.cni.dev/plugins/current */
function configList(folder: string, subnet: string, mtu: number): object {
  const name = bridgeName(folder);
  return {
    cniVersion: '1.0.0',
    name,
    plugins: [
      {
        type: 'bridge',
        bridge: name,
        isDefaultGateway: true,
        // A killed daemon leaves its bridge with another address.
        forceAddress: true,
        ipMasq: true,
        mtu,
        // Steps have CAP_NET_RAW: without isolation one step could impersonate the gateway to another.
        portIsolation: true,
        ipam: { type: 'host-local', dataDir: join(folder, 'network', 'addresses'), ranges: [[{ subnet }]] },
      },
      // Accepts packets on machines that drop forwarded packets, as Docker configures them.
      { type: 'firewall' },
    ],
  };
}

const ETHERNET = 1500;

/** The smallest MTU of all default routes: larger packets would be fragmented, or dropped without notice. */
async function mtuOf(routes: readonly Route[], read: ReadMachine): Promise<number> {
  const devices = routes.filter(({ isDefault }) => isDefault).map(({ device }) => device);
  const sizes = await Promise.all(devices.map(async (device) => Number(await read(`/sys/class/net/${device}/mtu`))));
  return Math.min(ETHERNET, ...sizes.filter((size) => Number.isInteger(size) && size >= 576));
}

async function readMachine(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
