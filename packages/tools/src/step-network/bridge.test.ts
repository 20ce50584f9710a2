import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { toolAt } from '../toolbox/toolbox.ts';
import { bridgeName, prepareBridge } from './bridge.ts';
import { NETWORK_PLUGINS } from './plugins.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-bridge-'));
  await plugins('release', (name) => `buildkit-cni-${name}`);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function plugins(place: string, file: (name: string) => string): Promise<void> {
  await mkdir(join(folder, place));
  for (const name of NETWORK_PLUGINS) await writeFile(join(folder, place, file(name)), `${place} ${name}`);
  await writeFile(join(folder, place, 'buildkitd'), '');
}

const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
const DEFAULT = `${HEAD}eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n`;
const SIX = `${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00000400 00000001 00000000 00000003 eth0\n`;
const MACHINE = {
  '/proc/net/route': DEFAULT,
  '/sys/class/net/eth0/mtu': '1400\n',
  '/etc/resolv.conf': 'nameserver 10.0.0.2\n',
};

function prepared(files: Readonly<Record<string, string>> = {}, place = 'release', installed: string[] = []) {
  const machine: Readonly<Record<string, string>> = { ...MACHINE, ...files };
  const tool = toolAt('buildkitd', join(folder, place, 'buildkitd'));
  const state = join(folder, 'state');
  return prepareBridge({ tool, folder: state, installed, read: async (path) => machine[path] });
}

interface List {
  readonly plugins: readonly [Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>];
}
const list = async (): Promise<List> =>
  JSON.parse(await readFile(join(folder, 'state', 'network', 'bridge.conflist'), 'utf8'));

test('the daemon gets plugins, a configuration and a subnet of its own', async () => {
  const bridge = await prepared();
  expect(bridge).toMatchObject({ worker: { networkMode: 'cni' }, dns: undefined });
  const { plugins: chain } = await list();
  expect(chain.map(({ type }) => type)).toEqual(['bridge', 'firewall']);
  expect(chain[0]).toMatchObject({
    bridge: bridgeName(join(folder, 'state')),
    ipMasq: true,
    portIsolation: true,
    mtu: 1400,
    ipam: { ranges: [[{ subnet: expect.stringMatching(/^198\.1[89]\.\d+\.0\/24$/) }]] },
  });
  const plugin = await readFile(join(folder, 'state', 'network', 'plugins', 'bridge'), 'utf8');
  expect(plugin).toBe('release bridge');
});

test.each([
  ['9000', 1500],
  ['1280', 1280],
  ['nonsense', 1500],
])('a way out of %s bytes a packet gives steps one of %d', async (mtu, expected) => {
  await prepared({ '/sys/class/net/eth0/mtu': mtu });
  expect((await list()).plugins[0].mtu).toBe(expected);
});

test('the plugins of the machine serve a daemon that has none beside it, and those beside it go first', async () => {
  await plugins('machine', (name) => name);
  await mkdir(join(folder, 'bare'));
  const copied = () => readFile(join(folder, 'state', 'network', 'plugins', 'loopback'), 'utf8');
  expect(await prepared({}, 'bare', [join(folder, 'none'), join(folder, 'machine')])).toHaveProperty('worker');
  expect(await copied()).toBe('machine loopback');
  await prepared({}, 'release', [join(folder, 'machine')]);
  expect(await copied()).toBe('release loopback');
});

test('servers behind a resolver on loopback are given to the daemon', async () => {
  const stub = {
    '/etc/resolv.conf': 'nameserver 127.0.0.53',
    '/run/systemd/resolve/resolv.conf': 'nameserver 10.1.1.1',
  };
  expect(await prepared(stub)).toMatchObject({ dns: { nameservers: ['10.1.1.1'], searchDomains: [] } });
});

test.each<[string, Readonly<Record<string, string>>, RegExp]>([
  ['the way out is IPv6 alone', { '/proc/net/route': HEAD, '/proc/net/ipv6_route': SIX }, /only over IPv6/],
  ['the resolver is on loopback', { '/etc/resolv.conf': 'nameserver 127.0.0.11' }, /127\.0\.0\.11/],
  [
    'every subnet is taken',
    { '/proc/net/route': `${DEFAULT}vpn\t000012C6\t00000000\t0001\t0\t0\t0\t0000FEFF\t0\t0\t0\n` },
    /198\.18/,
  ],
])('there is none, for a reason that is said, where %s', async (_, files, why) => {
  expect(await prepared(files)).toMatch(why);
});

test('there is none without plugins', async () => {
  await mkdir(join(folder, 'bare'));
  expect(await prepared({}, 'bare')).toMatch(/no CNI plugins were found/);
});

test('a bridge has a name that the kernel takes, the same for the same folder', () => {
  expect(bridgeName('/a/b')).toMatch(/^[a-z0-9-]{1,15}$/);
  expect(bridgeName('/a/b')).toBe(bridgeName('/a/b'));
  expect(bridgeName('/a/c')).not.toBe(bridgeName('/a/b'));
});
