/** actionlint and zizmor have nothing to say about the workflows, and would say it if there were something. */
import { execFile } from 'node:child_process';
import { cp, glob, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { pypiTool, repositoryRoot } from '@tidegate/testkit';
import { actionlintBinary, BUILD_TIME } from './programs.ts';
import { makeSuiteOfRecorders } from './suite-of-recorders.ts';

const WORKFLOW = '.github/workflows/commit-to-registry.yml';

let programs: { readonly actionlint: string; readonly zizmor: string };
beforeAll(async () => {
  programs = { actionlint: await actionlintBinary(), zizmor: await pypiTool('zizmor', '1.32.0') };
}, BUILD_TIME);

let copy: string;
beforeEach(async () => {
  copy = await mkdtemp(join(tmpdir(), 'lint-'));
});
afterEach(() => rm(copy, { recursive: true, force: true }));

async function lint(program: string, args: readonly string[], cwd: string): Promise<{ exit: number; found: string }> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, env: { PATH: process.env.PATH ?? '', HOME: cwd } }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') return reject(error);
      resolve({ exit: Number(error?.code ?? 0), found: `${stdout}${stderr}` });
    });
  });
}

const actionlint = async (cwd: string) => lint(programs.actionlint, ['-no-color'], cwd);
const zizmor = async (cwd: string) =>
  lint(programs.zizmor, ['--pedantic', '--offline', '--quiet', '--no-progress', '.'], cwd);

async function change(file: string, from: string | RegExp, to: string): Promise<void> {
  const source = await readFile(join(copy, file), 'utf8');
  const changed = source.replaceAll(from, to);
  if (changed === source) throw new Error(`${file} does not say ${from}`);
  await writeFile(join(copy, file), changed);
}

describe('actionlint', () => {
  test('finds nothing', async () => {
    expect(await actionlint(repositoryRoot)).toEqual({ exit: 0, found: '' });
  });

  describe('on a copy that calls its own actions by ./, so that their inputs and outputs are checked too', () => {
    beforeEach(async () => {
      await makeSuiteOfRecorders(copy);
      // actionlint looks for actions below the folder that holds .git.
      await mkdir(join(copy, '.git'));
      for (const file of await readdir(join(copy, '.github/workflows'))) {
        const source = await readFile(join(copy, '.github/workflows', file), 'utf8');
        // `queue` is newer than actionlint.
        const known = source.replaceAll('uses: $/', 'uses: ./').replace(/^ +queue: max\n/gm, '');
        await writeFile(join(copy, '.github/workflows', file), known);
      }
    });

    test('finds nothing', async () => {
      expect(await actionlint(copy)).toEqual({ exit: 0, found: '' });
    });

    test('finds nothing in the workflows to copy, held against the actions they call', async () => {
      const examples = join(repositoryRoot, 'examples');
      const files: string[] = [];
      const patterns = ['workflows/*.yml', '*/.github/workflows/*.yml'];
      for await (const file of glob(patterns, { cwd: examples })) files.push(file);
      for (const file of files) {
        const source = await readFile(join(examples, file), 'utf8');
        const local = source.replace(/uses: tidegate\/tidegate(\/\S+)?@v1$/gm, (_, path = '/') => `uses: .${path}`);
        const name = `example-${file.replaceAll('/', '-')}`;
        await writeFile(join(copy, '.github/workflows', name), local);
      }
      expect(files).toEqual(expect.arrayContaining(['workflows/reusable.yml', 'go/.github/workflows/images.yml']));
      expect(await actionlint(copy)).toEqual({ exit: 0, found: '' });
    });

    test.each([
      ['an input that the action does not have', 'expected-digest:', 'expected-digset:', 'expected-digset'],
      ['an output that no step sets', 'steps.plan.outputs.exact-tags', 'steps.plan.outputs.exact-tag', 'exact-tag'],
      [
        'a job that is not waited for',
        'needs: [plan, build, rebuild, test, baseline]',
        'needs: [plan, rebuild, baseline]',
        'property "build"',
      ],
    ])('would find %s', async (_, from, to, message) => {
      await change(WORKFLOW, from, to);
      const { exit, found } = await actionlint(copy);
      expect(exit).toBe(1);
      expect(found).toContain(message);
    });
  });
});

describe('zizmor --pedantic', () => {
  beforeEach(async () => {
    await cp(join(repositoryRoot, '.github'), join(copy, '.github'), { recursive: true });
  });

  test('finds nothing', async () => {
    const { exit, found } = await zizmor(copy);
    expect([exit, found]).toEqual([0, expect.stringMatching(/^No findings to report/)]);
  });

  test('finds nothing in the workflow for deployed images', async () => {
    const source = await readFile(join(repositoryRoot, 'examples/workflows/deployed.yml'), 'utf8');
    // The tag exists once it is released; a user pins its commit.
    const pinned = source.replace(/(uses: tidegate\/\S+)@v1$/gm, `$1@${'12'.repeat(20)} # v1.0.0`);
    await writeFile(join(copy, '.github/workflows/deployed.yml'), pinned);
    const { exit, found } = await zizmor(copy);
    expect([exit, found]).toEqual([0, expect.stringMatching(/^No findings to report/)]);
  });

  test.each([
    ['a branch in place of a commit', /@3d3c42e5\w+ # v7.0.1/g, '@main', 'unpinned-uses'],
    ['a token left in the checkout', /persist-credentials: false/g, 'fetch-depth: 1', 'artipacked'],
    ['permissions for every job', /^permissions: \{\}$/gm, 'permissions: write-all', 'excessive-permissions'],
  ])('would find %s', async (_, from, to, audit) => {
    await change(WORKFLOW, from, to);
    const { exit, found } = await zizmor(copy);
    expect(exit).toBeGreaterThan(0);
    expect(found).toContain(audit);
  });
});
