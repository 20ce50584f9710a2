import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { NEXT_STEP, PRESET_NAMES, policySchema, presetPolicy, readPolicyFile } from '@tidegate/core';
import { ROOT } from './repository.ts';

const PAGES = join(ROOT, 'docs/policy');
/** The compiler checks that it contains every rule of the gate. */
const RULES = Object.keys(NEXT_STEP);
const page = (rule: string) => readFile(join(PAGES, `${rule}.md`), 'utf8');

test('every rule has a page, and every page is of a rule', async () => {
  const pages = (await readdir(PAGES)).filter((name) => !['README.md', 'rules.md', 'presets'].includes(name));
  expect(pages.toSorted()).toEqual(RULES.map((rule) => `${rule}.md`).toSorted());
});

test.each(RULES)('the page of %s says when it passes, fails and does not apply, and what to do', async (rule) => {
  const text = await page(rule);
  expect(text.split('\n')[0]).toBe(`# ${rule}`);
  for (const part of [
    '| passes when | ',
    '| fails when | ',
    '| does not apply when | ',
    '| policy | ',
    '**What to do:** ',
  ]) {
    expect(text).toContain(part);
  }
});

test.each(PRESET_NAMES)('the preset %s is the policy file that its page shows', async (name) => {
  const page = await readFile(join(PAGES, 'presets', `${name}.yml`));
  expect(await readPolicyFile(page, name)).toEqual(presetPolicy(name));
});

test('the list names every rule once', async () => {
  const list = await page('rules');
  const named = [...list.matchAll(/^- \[([a-z-]+)\]\(([a-z-]+)\.md\)/gm)].map(([, name, file]) => [name, file]);
  expect(named.toSorted()).toEqual(RULES.map((rule) => [rule, rule]).toSorted());
});

test('every key of the policy is on a page, and no page names a key that is none', async () => {
  // The rules for sources have their own pages, which another test checks.
  const keys = [...new Set(keysOf(policySchema(), '').map((key) => key.replace(/^(sources\.levels)\..*$/, '$1')))];
  const text = (await Promise.all([...RULES, 'README'].map(page))).join('\n');
  const named = new Set([...text.matchAll(/`([a-z-]+(?:\.[a-z-]+)?)`/g)].map(([, key]) => key));
  const sections = new Set(keys.map((key) => key.split('.', 1)[0]));
  const unknown = [...named].filter(
    (key) => key?.includes('.') && sections.has(key.split('.', 1)[0]) && !keys.includes(key),
  );
  expect(unknown).toEqual([]);
  const described = (key: string) =>
    named.has(key) || named.has(key.split('.').at(-1) ?? '') || text.includes(`${key}:`);
  expect(keys.filter((key) => !described(key))).toEqual([]);
});

test.each(['README.md', 'docs/policy/README.md'])('every policy that %s shows is one', async (file) => {
  const text = await readFile(join(ROOT, file), 'utf8');
  const shown = [...text.matchAll(/^```yaml\n((?:#.*\n)?version: 1\n[\s\S]*?)^```$/gm)].map(
    ([, policy = '']) => policy,
  );
  expect(shown.length).toBeGreaterThan(0);
  for (const policy of shown) await readPolicyFile(Buffer.from(policy), file);
});

function keysOf(schema: object, path: string): string[] {
  const { properties = {} } = schema as { properties?: Record<string, object> };
  return Object.entries(properties).flatMap(([name, inner]) => {
    const key = path ? `${path}.${name}` : name;
    const deeper = keysOf(inner, key);
    return deeper.length > 0 ? deeper : [key];
  });
}
