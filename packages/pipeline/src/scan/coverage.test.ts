import { describe, expect, test } from '@jest/globals';
import { TidegateError } from '@tidegate/core';
import { services } from '../services.fixture.ts';
import type { Services } from '../services.ts';
import { asArgument, knownNames, parseRelease, ScanLines } from './coverage.ts';

describe("what Grype's lines say", () => {
  const read = (...lines: readonly string[]) => {
    const found = new ScanLines();
    return { shown: lines.flatMap((line) => found.read(line) ?? []), found };
  };
  test('people see warnings and errors, and neither its configuration nor how it searched', () => {
    const { shown } = read(
      '[0000]  INFO grype version: 0.119.0',
      '  log:',
      '      level: debug',
      '[0000]  WARN Unable to determine the OS distribution of some packages.',
      '[0001] ERROR discovered vulnerabilities at or above the severity threshold',
      '[0001] DEBUG took 9µs',
    );
    expect(shown.map((line) => line.replace(/^\S+\s+(\w+).*/, '$1'))).toEqual(['WARN', 'ERROR']);
  });
  test('a release that the database does not have is noticed', () => {
    expect(read('[0000]  INFO using distro: debian 12').found.unknownRelease).toBe(false);
    const line = '[0000] DEBUG no OS found in the DB for the given criteria os=debian@12 (trixie)';
    expect(read(line).found.unknownRelease).toBe(true);
  });
  test('a package that Grype left out fails the scan', () => {
    const { found } = read('[0000]  WARN matcher returned error error=invalid version package=Pkg(x)');
    expect(() => found.assertComplete()).toThrow(TidegateError);
    expect(() => read().found.assertComplete()).not.toThrow();
  });
});

test.each([
  [{ id: 'debian', version: '12', codename: 'bookworm' }, 'debian:12'],
  [{ id: 'alpine', version: '3.19.1' }, 'alpine:3.19'],
  [{ id: 'ubuntu', version: '22.04' }, 'ubuntu:22.04'],
  [{ id: 'debian', codename: 'sid' }, 'debian:sid'],
  [{ id: 'arch' }, 'arch'],
  [{ id: 'postmarketos', version: 'v23.12' }, 'postmarketos:23.12'],
  [{ id: 'opensuse-leap', version: '15.5' }, 'opensuse-leap:15.5'],
])('%j is queried as %s', (release, expected) => expect(asArgument(release)).toBe(expected));

test.each([
  ['debian 12', { id: 'debian', version: '12' }],
  ['wolfi', { id: 'wolfi' }],
])('%s is a release', (text, expected) => expect(parseRelease(text)).toEqual(expected));

describe('packages that the database has advisories of', () => {
  const asking = (answer: { exitCode: number; stdout?: string; stderr?: string }) => {
    const asked: (readonly string[])[] = [];
    const run = async (_: string, argv: readonly string[]) => {
      asked.push(argv);
      return { stdout: '', stderr: '', ...answer };
    };
    const children = { create: async () => ({ emptyConfig: '/empty' }) };
    const tools = { get: async () => ({ path: 'grype' }) };
    return { asked, services: { ...services, run, children, tools } as unknown as Services };
  };
  const debian = { id: 'debian', version: '12' };
  const wanted = new Map([['deb', new Set(['pyyaml', '-x', 'a,b', 'pkg:deb/a'])]]);
  const found = JSON.stringify([
    { vulnerability: {}, packages: [{ package: { name: 'pyyaml' } }] },
    { packages: null },
  ]);

  test('are queried by name, kind and release; unusual names are not queried', async () => {
    const { asked, services: fake } = asking({ exitCode: 0, stdout: found });
    expect([...(await knownNames(wanted, debian, { folder: '/db' }, fake))]).toEqual(['deb pyyaml']);
    const [argv = []] = asked;
    expect(argv.slice(argv.indexOf('--distro'), argv.indexOf('--limit'))).toEqual([
      ...['--distro', 'debian:12', '--ecosystem', 'deb'],
    ]);
    expect(argv.filter((_, at) => argv[at - 1] === '--pkg')).toEqual(['pyyaml']);
  });

  test('there are none for an unknown release, and Grype is not run', async () => {
    const { asked, services: fake } = asking({ exitCode: 0, stdout: found });
    expect((await knownNames(wanted, undefined, { folder: '/db' }, fake)).size).toBe(0);
    expect((await knownNames(new Map([['deb', new Set(['-x'])]]), debian, { folder: '/db' }, fake)).size).toBe(0);
    expect(asked).toEqual([]);
    const absent = asking({ exitCode: 1, stderr: 'OS not present' });
    expect((await knownNames(wanted, debian, { folder: '/db' }, absent.services)).size).toBe(0);
  });

  test.each([
    ['another error', { exitCode: 1, stderr: 'disk full' }],
    ['no JSON', { exitCode: 0, stdout: 'x' }],
    ['another document', { exitCode: 0, stdout: '[{"packages":[{}]}]' }],
  ])('%s fails', async (_, answer) => {
    const { services: fake } = asking(answer);
    await expect(knownNames(wanted, debian, { folder: '/db' }, fake)).rejects.toThrow(/Grype does not say/);
  });
});
