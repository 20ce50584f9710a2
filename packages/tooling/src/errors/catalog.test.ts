import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ERROR_GROUPS, ERRORS, type ErrorEntry, type ErrorId, errorAddress } from '@tidegate/core';
import { ROOT } from '../repository.ts';
import { errorPages } from './pages.ts';
import { readThrown, thrownIn } from './thrown.ts';
import { isTried, readTests } from './tried.ts';

const IDS = Object.keys(ERRORS) as ErrorId[];
const thrown = await readThrown(ROOT);
const tests = await readTests(ROOT);
const pages = errorPages(thrown.messages);
const entryOf = (id: ErrorId): ErrorEntry => ERRORS[id];

/** Errors that no test can trigger or expect here, with the reason. */
const NOT_TRIED: Partial<Record<ErrorId, string>> = {
  'hadolint-report-unreadable': 'hadolint is not among the programs of the tests',
  'build-output-missing': 'test/tool-failures puts the expected words together from the name of the step',
  'tool-output-unusable': 'test/tool-failures puts the expected words together from the name of the step',
  'database-not-accepted': 'test/tool-failures expects two words of it, too few to be found here',
  'layout-file-access': 'tests run as root, whom permissions do not restrict',
};

test('no code is used twice, and each is in the group of its first digit', () => {
  const codes = IDS.map((id) => entryOf(id).code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) {
    expect(code).toMatch(/^TG\d{4}$/);
    expect(ERROR_GROUPS.filter(({ digit }) => code.startsWith(`TG${digit}`))).toHaveLength(1);
  }
});

test.each(IDS)('%s has a short title, a cause and a next step', (id) => {
  const { title, cause, fix } = entryOf(id);
  expect(title).toMatch(/^[A-Z].*[^.]$/);
  expect(title.length).toBeLessThan(75);
  for (const sentence of [cause, fix]) expect(sentence).toMatch(/^\S.*\.$|https:\S+$/);
  // A fix is also shown in the log, where a link is no link.
  expect(fix).not.toMatch(/\]\(/);
});

test('every error is thrown somewhere', () => {
  expect(IDS.filter((id) => !thrown.ids.has(id))).toEqual([]);
});

test('every error is documented where its address leads', () => {
  for (const id of IDS) {
    const { code, title } = entryOf(id);
    const [, path = '', anchor = ''] = /\/blob\/main\/(.*)#(.*)$/.exec(errorAddress(code)) ?? [];
    expect(pages.get(path)).toContain(`\n## ${code}\n\n**${title}.**`);
    expect(anchor).toBe(code.toLowerCase());
    expect(pages.get('docs/troubleshooting.md')).toContain(`[${code}](${path.replace('docs/', '')}#${anchor})`);
  }
});

test('the pages on disk are the generated ones', async () => {
  for (const [path, text] of pages) expect(await readFile(join(ROOT, path), 'utf8')).toBe(text);
});

test('every error is expected by a test, except those with a reason', () => {
  expect(IDS.filter((id) => !isTried(id, thrown.messages, tests))).toEqual(Object.keys(NOT_TRIED));
});

test('messages are found with their varying parts left out', () => {
  const found = thrownIn(
    'x.ts',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is source text
    "throw new TidegateError('tag-immutable', `Tag ${tag} already points to ${x}.`, { next });",
  );
  expect(found).toEqual([{ id: 'tag-immutable', message: 'Tag … already points to ….' }]);
  expect(thrownIn('x.ts', "badInput('tag-invalid', 'tag', tag, 'a valid tag', 'Write one.')")).toEqual([
    { id: 'tag-invalid', message: 'Input tag: got …, expected a valid tag.' },
  ]);
});

test('words of a message count only as a phrase', () => {
  const messages = new Map<ErrorId, readonly string[]>([['tag-immutable', ['Tag … already points to another image.']]]);
  expect(isTried('tag-immutable', messages, 'expect(it).toContain("already points to another")')).toBe(true);
  expect(isTried('tag-immutable', messages, 'it already points elsewhere, to another one')).toBe(false);
  expect(isTried('tag-immutable', messages, "{ id: 'tag-immutable' }")).toBe(true);
});
