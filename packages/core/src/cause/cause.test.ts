import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../finding.ts';
import { digestOf } from '../image/digest.ts';
import { type CauseMap, causeOf, fixSentence, packageKey, placeOf } from './cause.ts';
import { type BuildStep, type LayerOrigin, originsOf } from './origin.ts';

const [a, b, c, d] = [digestOf('a'), digestOf('b'), digestOf('c'), digestOf('d')];
const step = (chains: BuildStep['chains'], ...lines: number[]): BuildStep => ({ chains, lines });
const FILE = 'FROM debian\nRUN one\nCOPY two\\\n  /\nRUN four';

describe('a layer is found at the instruction', () => {
  test.each<[string, readonly BuildStep[], readonly unknown[]]>([
    ['one after the other', [step([[a]], 2), step([[a, b]], 3, 4), step([[a, b, c]], 5)], [2, 3, 5]],
    ['in any order', [step([[a, b, c]], 5), step([[a]], 2), step([[a, b]], 3, 4)], [2, 3, 5]],
    [
      'COPY --link, made on nothing and merged later',
      [step([[a]], 2), step([[b]], 3), step([[a, b]]), step([[a, b, c]], 5)],
      [2, 3, 5],
    ],
    [
      'packed in two ways',
      [
        step([[d], [a]], 2),
        step(
          [
            [d, d],
            [a, b],
          ],
          3,
        ),
        step([[a, b, c]], 5),
      ],
      [2, 3, 5],
    ],
    [
      'a step of another stage that made the same bytes does not count',
      [step([[d, b]], 2), step([[a]], 2), step([[a, b]], 3), step([[a, b, c]], 5)],
      [2, 3, 5],
    ],
    ['what BuildKit does not tell is not guessed', [step([[a]], 2), step([[a, b, c]], 5)], [2, undefined, 5]],
    ['nothing is told', [], [undefined, undefined, undefined]],
  ])('%s', (_, steps, lines) => {
    expect(originsOf([a, b, c], steps, FILE, []).map((origin) => origin?.line)).toEqual(lines);
  });

  test('with the last of its lines and its text', () => {
    const [origin] = originsOf([a], [step([[a]], 3, 4)], FILE, []);
    expect(origin).toEqual({ kind: 'instruction', line: 3, endLine: 4, text: 'COPY two /' });
  });

  test('two layers of the same bytes are two instructions', () => {
    const steps = [step([[a]], 2), step([[a, b]], 3), step([[a, b, b]], 5)];
    expect(originsOf([a, b, b], steps, FILE, []).map((origin) => origin?.line)).toEqual([2, 3, 5]);
  });
});

describe('the layers of a base image', () => {
  const from = (name: string): BuildStep => ({ chains: [[a, b]], lines: [], image: { name, digest: d } });
  test.each([
    ['docker.io/library/debian:12', 'debian:12', 4],
    ['docker.io/library/debian:latest', 'debian', 4],
    ['ghcr.io/acme/base:1', 'ghcr.io/acme/base:1@sha256:abc', 4],
    ['localhost:5000/base:latest', 'localhost:5000/base', 4],
  ])('%s is FROM %s', (image, written, line) => {
    const bases = [
      { image: 'other', line: 1 },
      { image: written, line },
    ];
    const origins = originsOf([a, b, c], [from(image), step([[a, b, c]], 5)], FILE, bases);
    expect(origins.slice(0, 2)).toEqual(Array(2).fill({ kind: 'base', image, digest: d, line }));
    expect(origins[2]?.kind).toBe('instruction');
  });

  test('an image that replaces the only FROM is the base; of several, none is guessed', () => {
    const one = originsOf([a, b], [from('x')], FILE, [{ image: 'y', line: 1 }]);
    expect(one[0]?.line).toBe(1);
    const two = originsOf([a, b], [from('x')], FILE, [
      { image: 'y', line: 1 },
      { image: 'z', line: 2 },
    ]);
    expect(two[0]).toEqual({ kind: 'base', image: 'x', digest: d });
  });

  test('an image that was only copied from is no base', () => {
    const other: BuildStep = { chains: [[d]], lines: [], image: { name: 'tools' } };
    expect(originsOf([a], [other], FILE, [])).toEqual([undefined]);
  });
});

const finding = (over: Partial<Finding> = {}): Finding => ({
  id: 'CVE-2026-0001',
  severity: 'high',
  fix: 'fixed',
  fixedIn: ['3.0.12'],
  package: { name: 'openssl', version: '3.0.11', type: 'deb' },
  locations: [],
  aliases: [],
  ...over,
});

function map(origin: LayerOrigin | undefined): CauseMap {
  return {
    origin: { file: 'docker/Dockerfile', layers: [origin] },
    diffIds: [a],
    packages: new Map([[packageKey(finding().package), a]]),
  };
}

const instruction: LayerOrigin = { kind: 'instruction', line: 7, endLine: 9, text: 'RUN apt-get install openssl' };
const base: LayerOrigin = { kind: 'base', image: 'docker.io/library/debian:12', digest: d, line: 3 };

test.each<[string, LayerOrigin, Partial<Finding>, string]>([
  ['an instruction', instruction, {}, 'fixed by upgrading openssl to 3.0.12 in line 7 (RUN apt-get install openssl)'],
  [
    'an instruction, no fix',
    instruction,
    { fixedIn: [] },
    'openssl came in line 7 (RUN apt-get install openssl) and has no fix yet',
  ],
  [
    'a base image',
    base,
    {},
    `fixed by a newer base image than debian:12@${d.slice(0, 19)} (line 3), or by upgrading openssl to 3.0.12 in a line after it`,
  ],
  [
    'a base image, no fix',
    base,
    { fixedIn: [] },
    `openssl came with base image debian:12@${d.slice(0, 19)} (line 3) and has no fix yet`,
  ],
  [
    'a base image without a line',
    { kind: 'base', image: 'ghcr.io/x' },
    {},
    'fixed by a newer base image than ghcr.io/x, or by upgrading openssl to 3.0.12 in a line after it',
  ],
])('%s: its fix', (_, origin, over, expected) => {
  expect(fixSentence(finding(over), causeOf(finding(), map(origin)))).toBe(expected);
});

test('where nothing is known nothing is claimed', () => {
  const stranger = finding({ package: { name: 'x', version: '1', type: 'npm' } });
  expect(causeOf(stranger, map(base))).toBeUndefined();
  expect(causeOf(finding(), map(undefined))).toBeUndefined();
  expect(placeOf(undefined)).toBeUndefined();
  expect(fixSentence(finding(), undefined)).toBe('fixed by upgrading openssl to 3.0.12');
});

test('the place is the instruction or the FROM', () => {
  expect(placeOf(causeOf(finding(), map(instruction)))).toEqual({ file: 'docker/Dockerfile', line: 7, endLine: 9 });
  expect(placeOf(causeOf(finding(), map(base)))).toEqual({ file: 'docker/Dockerfile', line: 3 });
  expect(placeOf(causeOf(finding(), map({ kind: 'base', image: 'x' })))).toBeUndefined();
});

test('a fix of another release line is named as one', () => {
  const npm = finding({ package: { name: 'minimist', version: '1.2.3', type: 'npm' }, fixedIn: ['2.0.0'] });
  expect(fixSentence(npm, undefined)).toBe('minimist is fixed only in 2.0.0, another release line');
});

test('a finding that the vendor will not fix says so, wherever it came from', () => {
  const never = finding({ fix: 'wont-fix', fixedIn: [] });
  expect(fixSentence(never, undefined)).toBe('openssl: the vendor will not fix this');
  expect(fixSentence(never, causeOf(never, map(instruction)))).toBe(
    'openssl came in line 7 (RUN apt-get install openssl): the vendor will not fix this',
  );
});

describe('the file that declares the package comes before the instruction', () => {
  const npm = finding({ package: { name: 'minimist', version: '1.2.3', type: 'npm' }, fixedIn: ['1.2.6'] });
  const cause = causeOf(finding(), map({ kind: 'instruction', line: 4, endLine: 4, text: 'RUN npm ci' }));
  test.each([
    [{ file: 'package-lock.json', line: 812 }, 'fixed by upgrading minimist to 1.2.6 in package-lock.json:812'],
    [
      { file: 'package-lock.json', line: 812, direct: false, via: 'mkdirp' },
      'fixed by upgrading minimist to 1.2.6 in package-lock.json:812 (required by mkdirp)',
    ],
    [{ file: 'package-lock.json' }, 'fixed by upgrading minimist to 1.2.6 in package-lock.json'],
  ])('%j', (declaredIn, expected) => {
    expect(fixSentence(npm, undefined, declaredIn)).toBe(expected);
    expect(fixSentence(npm, cause, declaredIn)).toBe(`${expected}, used by line 4 (RUN npm ci)`);
  });

  test('also without a fix', () => {
    const open = { ...npm, fix: 'not-fixed' as const, fixedIn: [] };
    expect(fixSentence(open, cause, { file: 'go.mod', line: 3 })).toBe(
      'minimist is declared in go.mod:3 and has no fix yet',
    );
    expect(fixSentence({ ...npm, fixedIn: ['2.0.0'] }, cause, { file: 'go.mod', line: 3 })).toBe(
      'minimist is fixed only in 2.0.0, another release line, declared in go.mod:3',
    );
  });
});
