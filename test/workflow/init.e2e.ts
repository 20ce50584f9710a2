/** actionlint and zizmor find nothing in what `tidegate init` writes that they did not find before. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pypiTool } from '@tidegate/testkit';
import { readShapes } from '../../packages/cli/src/init/shapes.fixture.ts';
import { actionlintBinary, BUILD_TIME } from './programs.ts';
import { makeSuiteOfRecorders } from './suite-of-recorders.ts';

const shapes = (await readShapes()).filter(({ after }) => [...after.keys()].some(isWorkflow));
let programs: { readonly actionlint: string; readonly zizmor: string };
let folder: string;
beforeAll(async () => {
  programs = { actionlint: await actionlintBinary(), zizmor: await pypiTool('zizmor', '1.32.0') };
  folder = await mkdtemp(join(tmpdir(), 'init-'));
}, BUILD_TIME);
afterAll(() => rm(folder, { recursive: true, force: true }));

function isWorkflow(path: string): boolean {
  return path.startsWith('.github/workflows/');
}

function lint(program: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, env: { PATH: process.env.PATH ?? '', HOME: cwd } }, (error, stdout) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve(stdout);
    });
  });
}

/** The kinds of findings, by rule. */
const zizmor = async (cwd: string) =>
  new Set(
    [
      ...(await lint(programs.zizmor, ['--offline', '--quiet', '--no-progress', '--format=plain', '.'], cwd)).matchAll(
        /^(?:error|warning|help|info)\[([\w-]+)\]/gm,
      ),
    ].map(([, rule]) => rule),
  );

/** actionlint checks inputs and outputs of actions in the same repository only. */
function withLocalActions(text: string): string {
  return text.replace(/uses: tidegate\/tidegate(\/[^\s@]+)?@v1/g, (_, at = '/') => `uses: .${at}`);
}

async function checkout(name: string, files: ReadonlyMap<string, string>): Promise<string> {
  const top = join(folder, name);
  await makeSuiteOfRecorders(top);
  await rm(join(top, '.github'), { recursive: true, force: true });
  await mkdir(join(top, '.git'), { recursive: true });
  for (const [path, text] of files) {
    await mkdir(dirname(join(top, path)), { recursive: true });
    await writeFile(join(top, path), text);
  }
  return top;
}

test.each(shapes)('$name', async ({ name, before, after }) => {
  const workflows = (files: ReadonlyMap<string, string>) => new Map([...files].filter(([path]) => isWorkflow(path)));
  const old = await checkout(`${name}-before`, workflows(before));
  const all = new Map([...workflows(before), ...workflows(after)]);
  const made = await checkout(`${name}-after`, all);
  const local = await checkout(
    `${name}-local`,
    new Map([...all].map(([path, text]) => [path, withLocalActions(text)])),
  );
  expect(await lint(programs.actionlint, ['-no-color', '-shellcheck='], local)).toBe('');
  const known = await zizmor(old);
  // A reference to @v1, which the README explains how to pin.
  expect([...(await zizmor(made))].filter((rule) => !known.has(rule) && rule !== 'unpinned-uses')).toEqual([]);
});
