import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf, hexOf, type PolicyValues } from '@tidegate/core';
import { childContexts, run } from '@tidegate/tools';
import type { Services } from '../services.ts';
import { gitSource } from './git-source.ts';
import { loadPolicy } from './load.ts';
import { folderSource } from './source.ts';

const exec = promisify(execFile);
let folder: string;
let services: Services;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-policy-'));
  const quiet = () => {};
  services = {
    run,
    children: childContexts({
      env: { PATH: process.env.PATH, HOME: folder },
      folder: join(folder, 'children'),
      workspace: folder,
    }),
    temp: folder,
    signal: new AbortController().signal,
    log: { info: quiet, notice: quiet },
  } as unknown as Services;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function repository(files: Readonly<Record<string, string>>): Promise<string> {
  count += 1;
  const root = join(folder, `repository-${count}`);
  await mkdir(root);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

const POLICY = '.github/tidegate.yml';
const load = async (root: string, values: PolicyValues = {}, named = false) => {
  const { effective } = await loadPolicy(
    {
      source: folderSource(root),
      path: POLICY,
      named,
      values,
      registry: () => {
        throw new Error('no registry is asked');
      },
    },
    services,
  );
  return effective;
};
const sum = (text: string) => hexOf(digestOf(text));
const extending = (path: string, text: string) => `extends:\n  - file: ${path}\n    sha256: ${sum(text)}\n`;

describe('the policy that holds', () => {
  test('is what inputs say where there is no file, and a file that was named must be there', async () => {
    const root = await repository({});
    expect((await load(root, { vulnerabilities: { 'only-fixed': true } })).policy.onlyFixed).toBe(true);
    await expect(load(root, {}, true)).rejects.toThrow(`There is no file ${POLICY}.`);
  });

  test('is the file, with what inputs say before it, and what it extends before both', async () => {
    const base = 'version: 1\nvulnerabilities: { max-epss: 0.2 }\ndatabase: { max-age: 2d }\n';
    const own = `version: 1\n${extending('base.yml', base)}vulnerabilities: { max-epss: 0.5, max-risk: 9 }\n`;
    const root = await repository({ [POLICY]: own, 'base.yml': base });
    const { policy } = await load(root, {
      database: { 'max-age': 9 * 86_400_000 },
      vulnerabilities: { 'max-risk': 90 },
    });
    expect(policy).toMatchObject({ maxEpss: 0.2, maxRisk: 90, maxDatabaseAge: 2 * 86_400_000 });
  });

  test('says who sets the levels of source rules besides inputs', async () => {
    const levels = { sources: { levels: { 'root-user': 'off' } } } as const;
    const setBy = async (files: Readonly<Record<string, string>>) =>
      (await load(await repository(files), levels)).sources.setBy;
    expect(await setBy({})).toBeUndefined();
    expect(await setBy({ [POLICY]: 'version: 1\n' })).toBeUndefined();
    expect(await setBy({ [POLICY]: 'version: 1\nsources: { levels: { root-user: error } }\n' })).toBe('file');
    const base = 'version: 1\n';
    expect(await setBy({ [POLICY]: `version: 1\n${extending('b.yml', base)}`, 'b.yml': base })).toBe('extends');
  });

  test('reads the VEX documents that it names, and those of a policy that it extends', async () => {
    const vex = (id: string) =>
      JSON.stringify({
        '@context': 'https://openvex.dev/ns/v0.2.0',
        author: 'a',
        timestamp: '2026-11-01T00:00:00Z',
        statements: [{ vulnerability: { name: id }, products: [{ '@id': 'pkg:npm/a@1' }], status: 'fixed' }],
      });
    const base = 'version: 1\nvex: [b.json]\n';
    const root = await repository({
      [POLICY]: `version: 1\n${extending('base.yml', base)}vex: [a.json]\n`,
      'base.yml': base,
      'a.json': vex('CVE-1'),
      'b.json': vex('CVE-2'),
    });
    const { policy } = await load(root);
    expect(policy.vex?.map(({ ids, from }) => [...ids, from])).toEqual([
      ['CVE-1', 'a.json, statement 1'],
      ['CVE-2', 'b.json, statement 1'],
    ]);
  });
});

describe('is refused', () => {
  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['a VEX document that is not there', { [POLICY]: 'version: 1\nvex: [a.json]\n' }, 'There is no file a.json.'],
    ['a base that is not there', { [POLICY]: `version: 1\n${extending('b.yml', '')}` }, 'There is no file b.yml.'],
    [
      'a base that changed',
      { [POLICY]: `version: 1\n${extending('b.yml', 'version: 1')}`, 'b.yml': 'version: 1\n' },
      'b.yml does not match the checksum in extends.',
    ],
    [
      'a base that is wrong, by its own name',
      { [POLICY]: `version: 1\n${extending('b.yml', 'version: 2')}`, 'b.yml': 'version: 2' },
      'b.yml:1:10: version: got "2", expected 1.',
    ],
  ])('%s', async (_, files, said) => {
    await expect(load(await repository(files))).rejects.toThrow(said);
  });

  test('a chain of more than four', async () => {
    const files: Record<string, string> = {};
    let text = 'version: 1\n';
    for (const name of ['e.yml', 'd.yml', 'c.yml', 'b.yml', 'a.yml']) {
      files[name] = text;
      text = `version: 1\n${extending(name, text)}`;
    }
    const chain = await repository({ ...files, [POLICY]: text });
    await expect(load(chain)).rejects.toThrow('is extended through more than 4 policies');
  });

  test('a file that leads out of the repository', async () => {
    const root = await repository({ '.github/x': '' });
    await writeFile(join(folder, 'outside.yml'), 'version: 1\n');
    await symlink(join(folder, 'outside.yml'), join(root, POLICY));
    await expect(load(root)).rejects.toThrow(`${POLICY} points outside the repository.`);
  });
});

describe('a commit of another repository', () => {
  const committed = async (files: Readonly<Record<string, string>>) => {
    const root = await repository(files);
    const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
    const git = async (...argv: string[]) => (await exec('git', [...identity, ...argv], { cwd: root })).stdout.trim();
    await git('init', '--quiet');
    await git('add', '.');
    await git('commit', '--quiet', '--message=policy');
    return { url: `file://${root}`, commit: await git('rev-parse', 'HEAD') };
  };

  test('is read by its hash, file by file', async () => {
    const { url, commit } = await committed({ 'tidegate.yml': 'version: 1\n', 'vex/a.json': '{}' });
    await using source = gitSource(url, commit, services, ['file']);
    expect(Buffer.from((await source.read('tidegate.yml')) ?? []).toString()).toBe('version: 1\n');
    expect(Buffer.from((await source.read('vex/a.json')) ?? []).toString()).toBe('{}');
    expect(await source.read('missing.yml')).toBeUndefined();
    await expect(source.read('vex')).rejects.toThrow('vex is a folder');
    expect(source.nameOf('tidegate.yml')).toBe(`${url}@${commit.slice(0, 12)}:tidegate.yml`);
  });

  test('that is not there is an error that names it', async () => {
    const { url } = await committed({ a: '' });
    await using source = gitSource(url, 'ab'.repeat(20), services, ['file']);
    await expect(source.read('a')).rejects.toThrow(`Cannot fetch the policy from ${url} at ${'ab'.repeat(20)}.`);
  });

  test('is fetched by https and ssh alone', async () => {
    const { url, commit } = await committed({ a: '' });
    await using source = gitSource(url, commit, services);
    await expect(source.read('a')).rejects.toThrow('Cannot fetch the policy');
  });
});
