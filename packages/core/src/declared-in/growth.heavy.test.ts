/** Hostile lock files and manifests: eight times as many entries take eight times as long. */
import { expect, test } from '@jest/globals';
import { growthOf, LINEAR_GROWTH } from '@tidegate/testkit';
import { entriesIn } from './files.ts';
import { declaredPlaces } from './places.ts';

const list = (length: number, of: (at: number) => string) =>
  Array.from({ length: Math.ceil(length / 64) }, (_, at) => of(at)).join('');
type Files = Readonly<Record<string, string>>;

test.each<[string, (length: number) => Files]>([
  [
    'packages that require each other, of yarn',
    (n) => ({
      'yarn.lock': list(n, (at) => `a${at}@1:\n  version "1"\n  dependencies:\n    a${at + 1} "1"\n    a0 "1"\n`),
      'package.json': '{"dependencies":{"a0":"1"}}',
    }),
  ],
  [
    'packages that require each other, of pnpm',
    (n) => ({
      'pnpm-lock.yaml': `dependencies:\n  a0: 1.0.0\npackages:\n${list(
        n,
        (at) => `  a${at}@1.0.0:\n    dependencies:\n      a${at + 1}: 1.0.0\n      a0: 1.0.0\n`,
      )}`,
    }),
  ],
  [
    'one package in many versions, required by each, of Cargo',
    (n) => ({
      'Cargo.lock': `[[package]]\nname = "app"\nversion = "0"\ndependencies = [\n "a",\n]\n${list(
        n,
        (at) => `[[package]]\nname = "a"\nversion = "${at}"\nsource = "x"\ndependencies = [\n "a",\n]\n`,
      )}`,
    }),
  ],
  [
    'one package with many requirements, of poetry',
    (n) => ({
      'poetry.lock': `[[package]]\nname = "a"\nversion = "0"\n[package.dependencies]\n${list(n, (at) => `b${at % 9} = "*"\n`)}`,
      'pyproject.toml': `[project]\ndependencies = [\n${list(n, () => '"a[')}\n${list(n, () => '"a",\n')}`,
    }),
  ],
  [
    'one variable, defined and used many times',
    (n) => ({
      'build.gradle': list(n, () => 'v = \'1\'\nuse "g:a:$v"\n'),
      'gradle.properties': list(n, () => 'v=1\n'),
      'web/build.gradle': list(n, () => 'use "g:a:$v"\n'),
    }),
  ],
  [
    'many variables',
    (n) => ({
      'libs.versions.toml': `[versions]\n${list(n, (at) => `v${at} = "1"\n`)}[libraries]\n${list(n, (at) => `a = { module = "g:a", version.ref = "v${at}" }\n`)}`,
    }),
  ],
])('%s', (_, filesOf) => {
  const growth = growthOf<Files>(
    (files) => entriesIn(Object.entries(files).map(([path, text]) => ({ path, text }))),
    filesOf,
  );
  expect(growth).toBeLessThan(LINEAR_GROWTH);
});

test.each([
  'a',
  '"',
  "'",
  ' ',
  ':',
  '.',
  '-',
  '$',
  '{',
  '[',
  '=',
  ',',
  '+',
  'a:',
  'a.',
  '"a":',
  'a = "',
  '<a>',
  '${a',
  '\t',
])('lines of %j', (piece) => {
  const kinds = [
    'yarn.lock',
    'pnpm-lock.yaml',
    'uv.lock',
    'poetry.lock',
    'build.gradle',
    'gradle.properties',
    'pom.xml',
    'libs.versions.toml',
  ];
  const lines = (length: number) => `${piece.repeat(1990 / piece.length)}\n`.repeat(length / 1000);
  const growth = growthOf<string>((text) => {
    for (const path of kinds) entriesIn([{ path, text: `[versions]\n[libraries]\n${text}` }]);
    entriesIn([
      { path: 'poetry.lock', text: '' },
      { path: 'pyproject.toml', text: `[project]\n${text}` },
    ]);
  }, lines);
  expect(growth).toBeLessThan(LINEAR_GROWTH);
});

test.each<[string, (at: number) => string]>([
  ['in one version', () => 'a==1.0\n'],
  ['without a version', () => 'a\n'],
  ['in many versions', (at) => `a==1.${at}\n`],
])('one package named many times %s, and installed in many versions', (_, line) => {
  const growth = growthOf<number>(
    (count) => {
      const findings = Array.from({ length: count }, (_, at) => ({
        finding: { package: { name: 'a', version: `1.${at}`, type: 'python' }, locations: ['/srv/app/a'] },
      }));
      declaredPlaces(findings, [{ path: 'app/requirements.txt', text: list(count * 64, line) }]);
    },
    (length) => Math.ceil(length / 64),
  );
  expect(growth).toBeLessThan(LINEAR_GROWTH);
});
