import { describe, expect, test } from '@jest/globals';
import { TidegateError } from '@tidegate/core';
import { daemonToml } from './config.ts';
import { readBuildkitConfig } from './read-config.ts';

const INPUT = 'buildkitd-config';
const WHOLE = `
[worker.oci]
  max-parallelism = 4 # per builder
  gc = true
  maxUsedSpace = "20GB"
  reservedSpace = 1000000
[dns]
  nameservers = ["10.0.0.2", "fd00::1"]
  searchDomains = ["corp.example"]
[registry."docker.io"]
  mirrors = ["Mirror.example:5000/hub", "127.0.0.1:5000"]
[registry."mirror.example:5000"]
  ca = ["certs/ca.pem"]
[registry."127.0.0.1:5000"]
  http = true
`;

const read = (toml: string) => readBuildkitConfig(toml, INPUT);

test('the settings that a workflow may choose are read, and written again for the daemon', async () => {
  const config = await read(WHOLE);
  expect(await daemonToml(config, async (path) => `/copy/${path}`)).toBe(`[worker.oci]
max-parallelism = 4
gc = true
maxUsedSpace = "20GB"
reservedSpace = 1000000
[dns]
nameservers = ["10.0.0.2","fd00::1"]
searchDomains = ["corp.example"]
[registry."docker.io"]
mirrors = ["mirror.example:5000/hub","127.0.0.1:5000"]
[registry."mirror.example:5000"]
ca = ["/copy/certs/ca.pem"]
[registry."127.0.0.1:5000"]
http = true
`);
  expect(await daemonToml(await read('# nothing\n'), async (path) => path)).toBe('');
});

describe('refused, with a reason:', () => {
  test.each([
    ['insecure-entitlements = ["security.insecure"]', /insecure-entitlements cannot be set: privileges of steps/],
    ['root = "/var/lib/buildkit"', /root cannot be set: the input buildkit-state/],
    ['[grpc]\naddress = ["tcp://0.0.0.0:1234"]', /grpc cannot be set: it would let other clients in/],
    ['debug = true', /debug cannot be set/],
    ['[frontend."gateway.v0"]\nenabled = true', /frontend cannot be set/],
    ['[cdi]\ndisabled = false', /cdi cannot be set: devices are a privilege/],
    ['[worker.containerd]\nenabled = true', /worker\.containerd cannot be set/],
    ['[worker.oci]\nrootless = true', /worker\.oci\.rootless cannot be set: the input rootless/],
    ['[worker.oci]\nnoProcessSandbox = true', /noProcessSandbox cannot be set/],
    ['[worker.oci]\nnetworkMode = "host"', /networkMode cannot be set: the input network/],
    ['[worker.oci]\nbinary = "/tmp/runc"', /binary cannot be set: it would run another program/],
    ['[worker.oci]\napparmor-profile = ""', /apparmor-profile cannot be set/],
    ['[worker.oci]\nconstructor = 1', /worker\.oci\.constructor cannot be set: it is not one of the supported/],
    ['[[worker.oci.gcpolicy]]\nall = true', /gcpolicy cannot be set: it is not one of the supported/],
    ['[[registry."a.example".keypair]]\nkey = "k"', /registry\."a\.example"\.keypair cannot be set/],
    ['new = 1', /new cannot be set: it is not one of the supported settings/],
    ['[registry."a.example"]\nhttp = true', /http = true for a\.example: .* only allowed on loopback/],
    ['[registry."a.example"]\ninsecure = true', /insecure = true for a\.example/],
    ['[registry."127.0.0.1.evil.example"]\nhttp = true', /only allowed on loopback/],
    ['[registry."localhost.evil.example:5000"]\ninsecure = true', /only allowed on loopback/],
    ['[registry."user:pass@a.example"]\nmirrors = []', /is not HOST or HOST:PORT/],
    ['[registry."a.example"]\nmirrors = ["https://mirror.example"]', /mirrors is not a list of HOST/],
    ['[registry."a.example"]\nmirrors = ["user@mirror.example"]', /mirrors is not a list of HOST/],
    ['[registry."a.example"]\nmirrors = ["mirror.example/../x"]', /mirrors is not a list of HOST/],
    ['[registry."a.example"]\nca = "ca.pem"', /ca is not a list of paths/],
    ['[worker.oci]\nmax-parallelism = 0', /max-parallelism is not a number from 1 to 1024/],
    ['[worker.oci]\nmaxUsedSpace = "much"', /maxUsedSpace is not a size/],
    ['[dns]\nnameservers = ["dns.example"]', /dns\.nameservers is not a list of IP addresses/],
    ['[dns]\noptions = ["a b"]', /dns\.options is not a list/],
    ['dns = 1', /dns is not a table/],
    ['worker = []', /worker is not a table/],
    ['[worker\n', /is not valid TOML: Invalid TOML document/],
    ['a = 1\na = 2', /is not valid TOML/],
    [`# ${'x'.repeat(70_000)}`, /has more than 65536 characters/],
  ])('%j', async (toml, says) => {
    const error = await read(toml).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TidegateError);
    const { code, message } = error as TidegateError;
    expect(code).toBe('TG2312');
    expect(message).toMatch(/^Input buildkitd-config: /);
    expect(message).toMatch(says);
    expect(message).not.toContain('\n');
  });
});
