/**
 * The ways to make an image by hand: which are found, on which line, and which are not. The test fails for a way that
 * is no longer found, and for one that is found although the table and the rule's page say that it is not.
 */
import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { filesIn } from '../marked.fixture.ts';
import { mayHoldCommands, scanForHandMade } from './scan.ts';

const FOLDER = new URL('../../testdata/ways/', import.meta.url);
const PAGE = new URL('../../../../docs/rules/hand-made-image.md', import.meta.url);

const names = (await readdir(FOLDER)).sort();
const table = await Promise.all(
  names.map(async (name) => ({ name, files: filesIn(await readFile(new URL(name, FOLDER), 'utf8')) })),
);
const files = table.flatMap(({ files: each }) => each);
const innocent = table.find(({ name }) => name === 'innocent.txt')?.files ?? [];
const found = files.reduce((sum, { expected }) => sum + new Set(expected).size, 0);
const missed = files.flatMap((file) => file.missed);

test('the table holds more than 800 ways, of which more than 19 in 20 are found', () => {
  expect(found + missed.length).toBeGreaterThan(800);
  expect(found / (found + missed.length)).toBeGreaterThan(0.95);
});

test('the table holds more than 400 lines that are no such way', () => {
  const lines = innocent.flatMap(({ text }) => text.split('\n')).filter((line) => line.trim() !== '');
  expect(lines.length).toBeGreaterThan(400);
  expect(innocent.flatMap(({ expected }) => expected)).toEqual([]);
});

test("the rule's page names each kind that is not found", async () => {
  const page = await readFile(PAGE, 'utf8');
  for (const { why } of missed) expect(page).toContain(`- ${why}`);
});

describe.each(table.map(({ name, files: each }) => [name, each] as const))('%s', (_, each) => {
  test.each(each.map((one) => [one.file, one] as const))('%s', (file, { text, expected }) => {
    const remarks = mayHoldCommands(file) ? scanForHandMade(file, text) : [];
    const places = new Set(remarks.map(({ line, rule }) => `${line} ${rule}`));
    expect([...places].sort()).toEqual([...new Set(expected)]);
  });
});
