import { describe, expect, test } from '@jest/globals';
import { completed } from './completed.ts';
import { VALID } from './document-values.fixture.ts';
import { effectivePolicy } from './effective.ts';
import { extending } from './extending.ts';
import { generator, validDocument } from './generated.fixture.ts';
import { PRESET_NAMES } from './preset-names.ts';
import { readPolicyFile } from './read.ts';
import { writePolicyFile } from './write.ts';

const read = (text: string) => readPolicyFile(Buffer.from(text), 'policy.yml');
const fileOf = (document: object) => read(JSON.stringify({ version: 1, ...document }));
const withoutPlaces = (text: string) => text.replace(/"from":"[^"]*"/g, '"from":""');
const meaning = (file: Awaited<ReturnType<typeof read>>) => withoutPlaces(JSON.stringify(effectivePolicy(file)));

/** An exception from `vex` is a contradiction: no policy is effective. */
const CONTRADICTION = /allow-vex/;

describe('a policy that is written and read again is the same policy', () => {
  const values = Object.entries(VALID).flatMap(([key, all]) => all.map((value) => [key, value] as const));
  test.each(values)('%s: %j', async (key, value) => {
    const file = await fileOf({ [key]: value });
    const { text, isExact } = await writePolicyFile(file);
    expect(isExact).toBe(true);
    expect(meaning(await read(text))).toBe(meaning(file));
  });

  test.each(PRESET_NAMES)('the preset %s', async (preset) => {
    const { text, isExact } = await writePolicyFile({ version: 1, preset });
    expect({ isExact, meaning: meaning(await read(text)) }).toEqual({
      isExact: true,
      meaning: meaning({ version: 1, preset }),
    });
  });

  test('of 300 combinations', async () => {
    const random = generator(20261130);
    let count = 0;
    for (let round = 0; round < 300; round += 1) {
      const file = await fileOf(validDocument(random) as object);
      try {
        effectivePolicy(file);
      } catch (error) {
        expect(String(error)).toMatch(CONTRADICTION);
        continue;
      }
      count += 1;
      const { text } = await writePolicyFile(file);
      expect(meaning(await read(text))).toBe(meaning(file));
    }
    expect(count).toBeGreaterThan(200);
  });
});

const both = async (own: object, base: object) => {
  const merged = extending(completed(await fileOf(own)), completed(await fileOf(base)));
  const { text, isExact } = await writePolicyFile(merged);
  return { text, isExact, isSame: meaning(await read(text)) === meaning(merged) };
};

describe('with a policy that it extends', () => {
  test('the stricter values of both are written, without extends', async () => {
    const own = { extends: [{ file: 'base.yml', sha256: 'ab'.repeat(32) }], vulnerabilities: { 'fail-on': 'low' } };
    const base = { preset: 'strict', database: { 'max-age': '36h' } };
    const { text, ...same } = await both(own, base);
    expect(same).toEqual({ isExact: true, isSame: true });
    expect(text).toContain('max-age: 1d12h');
    expect(text).toContain('    fixed: low\n    not-fixed: high');
    expect(text).not.toContain('extends');
  });

  test('an entry is allowed if all lists have it: the file may be stricter', async () => {
    const lists = (...allow: readonly string[]) => ({ registries: { allow } });
    const { text, isExact } = await both(lists('ghcr.io/a/*', 'ghcr.io/a/b'), lists('ghcr.io/a/b', 'docker.io/c/*'));
    expect(isExact).toBe(false);
    expect((await read(text)).registries?.allow).toEqual([['ghcr.io/a/b']]);
  });
});

test('the source of a kept database, which no file can name, is left out', async () => {
  const kept = await both({}, { database: { 'fallback-max-age': '9d' } });
  expect(kept.isExact).toBe(false);
  expect((await read(kept.text)).database?.mirrors).toEqual([['https://grype.anchore.io/databases']]);
});

test('the file has the keys and units of a policy file', async () => {
  const { text } = await writePolicyFile(await fileOf({ image: { 'max-size': '64m' }, ignore: VALID.ignore?.[1] }));
  for (const line of ['version: 1', 'preset: recommended', '  fail-on: high', '  fix-grace: 7d', '  max-age: 5d']) {
    expect(text.split('\n')).toContain(line);
  }
  expect(text).toContain('max-size: 64m');
  expect(text).toContain('expires: 2027-01-31');
  expect(text).not.toMatch(/[a-z][A-Z][a-z]+:|from:/);
});
