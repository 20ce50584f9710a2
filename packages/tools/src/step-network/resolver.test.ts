import { expect, test } from '@jest/globals';
import { stepResolver } from './resolver.ts';

type Files = Readonly<Record<string, string>>;
const resolver = (files: Files) => stepResolver(async (path) => files[path]);

const MACHINE = '/etc/resolv.conf';
const SYSTEMD = '/run/systemd/resolve/resolv.conf';
const STUB = 'nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch corp.example\n';

test.each<[string, Files]>([
  ['another host', { [MACHINE]: '# made by hand\nnameserver 10.0.0.2\nsearch corp.example\n' }],
  ['another host beside a loopback address', { [MACHINE]: 'nameserver 127.0.0.1\nnameserver 10.0.0.2\n' }],
  ['nobody', {}],
])('names are resolved through %s as on the machine', async (_, files) => {
  expect(await resolver(files)).toBeUndefined();
});

test('names are resolved by the servers behind a loopback resolver, and never by a public one', async () => {
  const upstream = '  nameserver 10.0.0.2\nnameserver 127.0.0.1\nnameserver fe80::1%eth0\nsearch a.example b.example\n';
  expect(await resolver({ [MACHINE]: STUB, [SYSTEMD]: upstream })).toEqual({
    nameservers: ['10.0.0.2'],
    searchDomains: ['a.example', 'b.example'],
  });
  const manager = { '/run/NetworkManager/no-stub-resolv.conf': 'nameserver 192.168.1.1' };
  expect(await resolver({ [MACHINE]: 'nameserver 127.0.0.1', ...manager })).toEqual({
    nameservers: ['192.168.1.1'],
    searchDomains: [],
  });
});

test.each<[string, Files, string]>([
  ["Docker's for a job in a container", { [MACHINE]: 'nameserver 127.0.0.11\n' }, '127.0.0.11'],
  ['one behind which another is on loopback', { [MACHINE]: STUB, [SYSTEMD]: 'nameserver 127.0.0.1' }, '127.0.0.53'],
  ['one over IPv6', { [MACHINE]: 'nameserver fd00::53\n' }, 'fd00::53'],
  ['one at no address', { [MACHINE]: 'nameserver 0.0.0.0\n' }, '0.0.0.0'],
])('a resolver that no step reaches is said: %s', async (_, files, address) => {
  expect(await resolver(files)).toContain(`lists only ${address}`);
});
