/** Which files BuildKit's client sends as the context, given a .dockerignore file, and which ours says: the same. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { dockerignore } from '@tidegate/source';
import { developerRun, devTools } from '@tidegate/testkit';
import { seeded } from '../faults/engine/support/random.ts';

interface Case {
  readonly text: string;
  /** Files of the context. */
  readonly paths: readonly string[];
}

interface Answer {
  readonly sent: readonly string[];
  readonly error?: string;
}

let program = '';
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dockerignore-'));
  program = (await devTools(['dockerignore'], { log: (line) => process.stderr.write(`${line}\n`) })).dockerignore;
}, 1_200_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function buildkitSends(cases: readonly Case[]): Promise<Answer[]> {
  const file = join(folder, 'cases.json');
  await writeFile(file, JSON.stringify(cases));
  const { stdout } = await developerRun(program, [file], { timeout: 120_000 });
  return JSON.parse(stdout) as Answer[];
}

/** Escapes, classes and repetitions that only Go's expressions have: what they match is not read, and counts as sent. */
const BEYOND = /\\[0-9A-Za-z\x80-\uffff]|\[\[?:|\{[0-9]/;

function differences(cases: readonly Case[], theirs: readonly Answer[]) {
  return cases.flatMap(({ text, paths }, at) => {
    const go = theirs[at] as Answer;
    const isIgnored = dockerignore(text);
    const ours = paths.filter((path) => !isIgnored(path)).toSorted();
    if (go.error !== undefined) return [];
    const sent = new Set(ours);
    const same = BEYOND.test(text)
      ? go.sent.every((path) => sent.has(path))
      : JSON.stringify(go.sent.toSorted()) === JSON.stringify(ours);
    return same ? [] : [{ text, paths, go: go.sent, ours }];
  });
}

const PATHS = [
  '.env',
  '.git/config',
  'a',
  'b',
  'c/a',
  'c/b',
  'd/a/b',
  'd/c',
  'e/f/g/a',
  'x.md',
  '(.env)',
  'a+b',
  'é',
  'aaab',
];

test.each([
  ...[
    '/',
    '!',
    '!/',
    '.',
    '..',
    './',
    '//',
    '/a',
    'a/',
    './a',
    '../a',
    'c/../a',
    '! a',
    '/ a',
    '/!a',
    '!!a',
    ' # a',
    '#a',
    '\\#a',
  ],
  ...[
    '(.env)',
    '{a,b}',
    'a+b',
    '@(a)',
    '+(a)',
    '?(a)',
    '!(a)',
    '[ab]',
    '[!a]',
    '[^a]',
    '[a-c]',
    '[c-a]',
    '[]',
    '[]a]',
    '[a',
    'a]',
  ],
  ...[
    '*',
    '**',
    '***',
    '*/*',
    '**/a',
    '**a',
    'a**',
    'd/**',
    'd/**/b',
    '**/*',
    '?',
    '??',
    '[?]',
    '[*]',
    '[**]',
    '\\a',
    '\\*',
    'a\\',
    'a|b',
    'a*|b',
    '{2}',
    'a{2}*',
    '*{a,b}',
    '*|',
    '|*',
    'd|*/b',
  ],
  ...[
    '*\n!a',
    '*\n!c/a',
    '*\n!c',
    '*\n!**/a',
    'd\n!d/a',
    'd\n!d/a/b',
    'd/a\n!d\nd/a/b',
    'a^b',
    '^a',
    '^*',
    '*^',
    '$',
    '*$',
    '*\\',
    'é',
  ],
  ...[
    '*a*a*a*a*a*ab',
    '\ufeffa',
    'a\r\nb\r\n',
    '\ta\t',
    '\u00a0a',
    '\u0085a',
    '\n\n',
    'c//a',
    'c/./a',
    '[a-]',
    '[-a]',
    '[a\\]b]',
  ],
])('%j', async (text) => {
  const cases = [{ text, paths: PATHS }];
  expect(differences(cases, await buildkitSends(cases))).toEqual([]);
});

const PIECES = [
  ...[
    'a',
    'b',
    'ab',
    'c',
    'd',
    '.env',
    'é',
    '/',
    '/',
    '/',
    '*',
    '*',
    '**',
    '**/',
    '/**',
    '?',
    '[ab]',
    '[^a]',
    '[a-c]',
    '[',
    ']',
    '^',
  ],
  ...[
    '!',
    '!',
    '\n',
    '\n',
    '\n!',
    '\n#',
    '\r\n',
    ' ',
    '\\',
    '\\*',
    '\\?',
    '(',
    ')',
    '{',
    '}',
    '|',
    '+',
    '$',
    '.',
    '..',
    '-',
    ',',
    '@',
  ],
];
const PARTS = [
  'a',
  'b',
  'ab',
  'ba',
  'abc',
  'c',
  'd',
  '.env',
  'é',
  '!',
  '^',
  '[',
  ']',
  '*',
  '(',
  'a b',
  '$',
  '\\',
  '.a',
  '-',
  '+',
  '{a,b}',
];

test('files made at random, with paths made at random', async () => {
  const number = seeded(7);
  const next = (below: number) => Math.floor(number() * below);
  const pick = (from: readonly string[]) => from[next(from.length)] as string;
  const cases = Array.from({ length: 20_000 }, () => {
    const text = Array.from({ length: 1 + next(12) }, () => pick(PIECES)).join('');
    const paths = Array.from({ length: 6 }, () => Array.from({ length: 1 + next(4) }, () => pick(PARTS)).join('/'));
    // A file is no folder of another.
    return { text, paths: [...new Set(paths)].filter((path) => !paths.some((other) => other.startsWith(`${path}/`))) };
  });
  const theirs = await buildkitSends(cases);
  expect(differences(cases, theirs).slice(0, 5)).toEqual([]);
  expect(theirs.filter(({ error }) => error === undefined).length).toBeGreaterThan(cases.length / 2);
  expect(theirs.filter(({ sent }, at) => sent && sent.length < (cases[at]?.paths.length ?? 0)).length).toBeGreaterThan(
    2000,
  );
}, 120_000);
