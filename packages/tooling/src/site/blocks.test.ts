/** Code blocks of the pages: each piece of YAML is whole or says that it is not, and every policy is one. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readPolicyFile } from '@tidegate/core';
import { parse } from 'yaml';
import { ROOT } from '../repository.ts';
import { type CodeBlock, codeBlocks } from './blocks.ts';
import { readPages } from './pages.ts';

const texts = new Map([...(await readPages(ROOT)), ['README.md', await readFile(join(ROOT, 'README.md'), 'utf8')]]);
const blocks = [...texts].flatMap(([file, text]) =>
  codeBlocks(text).map((block) => ({ where: `${file}:${block.line}`, block })),
);
const yaml = blocks.filter(({ block }) => block.language === 'yaml');
const whole = yaml.filter(({ block }) => !block.fragment);

type Kind = 'workflow' | 'policy' | 'dependabot' | 'kubernetes';

function kindOf({ text }: CodeBlock): Kind | undefined {
  const document: unknown = parse(text);
  if (typeof document !== 'object' || document === null) return undefined;
  if ('on' in document && 'jobs' in document) return 'workflow';
  if ('apiVersion' in document && 'kind' in document) return 'kubernetes';
  if ('updates' in document) return 'dependabot';
  return 'version' in document ? 'policy' : undefined;
}

describe('every block of YAML', () => {
  test('is a workflow, a policy or another whole file, or is marked as a fragment', () => {
    expect(whole.filter(({ block }) => kindOf(block) === undefined).map(({ where }) => where)).toEqual([]);
  });
  test('that is marked as a fragment is no whole file', () => {
    const fragments = yaml.filter(({ block }) => block.fragment);
    expect(fragments.filter(({ block }) => kindOf(block) !== undefined).map(({ where }) => where)).toEqual([]);
    expect(fragments.length).toBeGreaterThan(20);
  });
  test('can be read as YAML', () => {
    for (const { where, block } of yaml) expect([where, parse(block.text) !== null]).toEqual([where, true]);
  });
});

const policies = whole.filter(({ block }) => kindOf(block) === 'policy');

test.each(policies.map(({ where, block }) => [where, block.text]))('the policy at %s is one', async (where, text) => {
  await readPolicyFile(Buffer.from(text), where);
});

test('these checks find policies and workflows', () => {
  expect(policies.length).toBeGreaterThan(10);
  expect(whole.filter(({ block }) => kindOf(block) === 'workflow').length).toBeGreaterThanOrEqual(4);
});

test('the first workflow of the README is that of the page for the first image', async () => {
  const first = (file: string) => codeBlocks(texts.get(file) ?? '').find((block) => block.language === 'yaml');
  expect(first('README.md')).toMatchObject({ file: '.github/workflows/image.yml', fragment: false });
  expect(first('docs/guides/first-image.md')?.text).toBe(first('README.md')?.text);
});

describe('codeBlocks', () => {
  test('knows the language, the mark, the file to save it as, and the line', () => {
    const page = 'Save this as `a/b.yml`:\n\n```yaml fragment\nx: 1\n```\n\n- an item\n\n  ```sh\n  ls\n  ```\n';
    expect(codeBlocks(page)).toEqual([
      { language: 'yaml', fragment: true, text: 'x: 1\n', file: 'a/b.yml', line: 3 },
      { language: 'sh', fragment: false, text: 'ls\n', file: undefined, line: 9 },
    ]);
  });
  test('takes no block that is never closed', () => {
    expect(() => codeBlocks('```sh\nls\n')).toThrow('the code block in line 1 is never closed');
  });
});
