/**
 * Workflows in the documentation are held against the actions that they call, as the examples are: by actionlint, on a
 * copy of the repository whose actions are called by ./. Fragments are completed to a workflow first.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parseYaml, repositoryRoot } from '@tidegate/testkit';
import { type CodeBlock, codeBlocks } from '../../packages/tooling/src/site/blocks.ts';
import { readPages } from '../../packages/tooling/src/site/pages.ts';
import { actionlintBinary, BUILD_TIME } from './programs.ts';
import { makeSuiteOfRecorders } from './suite-of-recorders.ts';

let actionlint: string;
beforeAll(async () => {
  actionlint = await actionlintBinary();
}, BUILD_TIME);

let copy: string;
beforeEach(async () => {
  copy = await mkdtemp(join(tmpdir(), 'docs-blocks-'));
  await makeSuiteOfRecorders(copy);
  await mkdir(join(copy, '.git'));
  for (const name of ['commit-to-registry.yml', 'publish.yml']) {
    const file = join(copy, '.github/workflows', name);
    // `queue` is newer than actionlint.
    await writeFile(file, local(await readFile(file, 'utf8')).replace(/^ +queue: max\n/gm, ''));
  }
});
afterEach(() => rm(copy, { recursive: true, force: true }));

const local = (text: string) =>
  text
    .replaceAll('uses: $/', 'uses: ./')
    .replace(/uses: tidegate\/tidegate(\/\S+)?@v1\b/g, (_, path: string | undefined) => `uses: .${path ?? '/'}`);

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const indented = (text: string, by: number) => text.replaceAll(/^(?=.)/gm, ' '.repeat(by));

/** @returns undefined for YAML that is no part of a workflow */
function workflowOf({ text, fragment }: CodeBlock): string | undefined {
  const document: unknown = parseYaml(text);
  if (isObject(document) && 'on' in document && 'jobs' in document) return text;
  if (!fragment) return undefined;
  if (Array.isArray(document)) {
    const isStep = (item: unknown) => isObject(item) && ('uses' in item || 'run' in item);
    return document.every(isStep) ? withJobsBefore(text) : undefined;
  }
  return isObject(document) && 'jobs' in document ? `on: push\n${text}` : undefined;
}

/** The steps as a job, after the jobs whose outputs they read. */
function withJobsBefore(steps: string): string {
  const before = new Map<string, Set<string>>();
  for (const [, job = '', output = ''] of steps.matchAll(/\bneeds\.([\w-]+)\.outputs\.([\w-]+)/g)) {
    before.set(job, (before.get(job) ?? new Set()).add(output));
  }
  const runner = 'runs-on: ubuntu-24.04';
  const jobs = [...before].map(([job, outputs]) => {
    const values = [...outputs].map((output) => `${output}: x`).join(', ');
    return `  ${job}: { ${runner}, outputs: { ${values} }, steps: [{ run: 'true' }] }\n`;
  });
  const needs = before.size > 0 ? `    needs: [${[...before.keys()].join(', ')}]\n` : '';
  return `on: push\njobs:\n${jobs.join('')}  doc:\n    ${runner}\n${needs}    steps:\n${indented(steps, 6)}`;
}

async function workflowsOfDocs(): Promise<ReadonlyMap<string, string>> {
  const pages = new Map(await readPages(repositoryRoot));
  pages.set('README.md', await readFile(join(repositoryRoot, 'README.md'), 'utf8'));
  const found = new Map<string, string>();
  for (const [page, text] of pages) {
    for (const block of codeBlocks(text)) {
      const workflow = block.language === 'yaml' ? workflowOf(block) : undefined;
      if (workflow !== undefined) found.set(`${page.replaceAll('/', '-')}-${block.line}.yml`, workflow);
    }
  }
  return found;
}

function lint(): Promise<{ readonly exit: number; readonly found: string }> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH ?? '', HOME: copy };
    execFile(actionlint, ['-no-color'], { cwd: copy, env }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') return reject(error);
      resolve({ exit: Number(error?.code ?? 0), found: `${stdout}${stderr}` });
    });
  });
}

describe('actionlint', () => {
  test('finds nothing in the workflows of the documentation, whole or completed', async () => {
    const workflows = await workflowsOfDocs();
    for (const [file, text] of workflows) await writeFile(join(copy, '.github/workflows', file), local(text));
    expect(workflows.size).toBeGreaterThan(30);
    expect(await lint()).toEqual({ exit: 0, found: '' });
  });

  test('has checked the workflow for deployed images, which is the example', async () => {
    const example = await readFile(join(repositoryRoot, 'examples/workflows/deployed.yml'), 'utf8');
    const texts = [...(await workflowsOfDocs()).values()].map((text) => text.trim());
    expect(texts).toContain(example.trim());
  });

  test('would find an input that the action does not have', async () => {
    const text =
      'on: push\njobs:\n  doc:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: tidegate/tidegate@v1\n        with:\n          image: a\n          tag: b\n';
    await writeFile(join(copy, '.github/workflows/wrong.yml'), local(text));
    const { exit, found } = await lint();
    expect([exit, found]).toEqual([1, expect.stringContaining('"tag" is not defined')]);
  });
});
