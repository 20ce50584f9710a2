import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { filesIn } from '../marked.fixture.ts';
import { mayHoldCommands, scanForHandMade } from './scan.ts';

const corpus = filesIn(await readFile(new URL('../../testdata/hand-made.txt', import.meta.url), 'utf8'));

describe('images made by hand are found where commands stand, and nowhere else', () => {
  test('the corpus is as large as is promised', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(40);
    expect(corpus.filter(({ expected }) => expected.length === 0).length).toBeGreaterThanOrEqual(7);
  });

  test.each(corpus.map((one) => [one.file, one] as const))('%s', (file, { text, expected }) => {
    const found = mayHoldCommands(file) ? scanForHandMade(file, text) : [];
    expect(found.map(({ line, rule }) => `${line} ${rule}`).sort()).toEqual(expected);
  });
});

test.each([
  ['quotes', 'x.sh', `d''ocker c"omm"it box\n`],
  ['variables', 'x.sh', 'a=dock b=er\nset -- comm"it" box\n$a$b "$@"\n'],
  ['an encoding', 'x', '#!/bin/bash\necho ZG9ja2VyIGNvbW1pdCBib3g= | base64 -d | sh\n'],
  ['quotes in a workflow', '.github/workflows/x.yml', `run: d''ocker c"omm"it box\n`],
])('a file that has no word of it whole is read too: %s', (_, file, text) => {
  expect(scanForHandMade(file, text).map(({ rule }) => rule)).toEqual(['hand-made-image']);
});

test('a script over the limit of followed scripts is reported, and its own findings too', () => {
  const endless = `f() { f "$@"; true "$@"; }\n${'f x\n'.repeat(20_000)}docker commit box\n`;
  const found = scanForHandMade('x.sh', endless).map(({ line, rule }) => `${line} ${rule}`);
  expect(found).toEqual(['1 file-not-read', '20002 hand-made-image']);
});
