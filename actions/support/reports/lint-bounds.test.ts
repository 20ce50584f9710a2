import { expect, test } from '@jest/globals';
import { assertBuildLint, assertLintBounds, assertOwnContext } from './lint.ts';

const build = (
  setBy: 'extends' | 'file' | undefined,
  lint: 'error' | 'warn' | 'off',
  exclude: readonly string[] = [],
) => assertBuildLint({ levels: {}, ...(setBy ? { setBy } : {}) }, { lint, 'lint-exclude': exclude });

test.each<[string, 'extends' | 'file', 'warn' | 'off', string]>([
  [
    'off where the policy extends another',
    'extends',
    'off',
    'Input lint: got "off", expected error, because the policy',
  ],
  ['warn where the policy extends another', 'extends', 'warn', 'Input lint: got "warn", expected error, because the'],
  ['off where the policy file sets levels', 'file', 'off', 'Input lint: got "off", expected error or warn, because'],
])('lint is not %s', (_, setBy, lint, said) => {
  expect(() => build(setBy, lint)).toThrow(said);
});

test('no file is left out where the policy extends another', () => {
  expect(() => build('extends', 'error', ['vendor/**'])).toThrow(
    'Input lint-exclude: got "vendor/**", expected no value',
  );
});

test('lint-source says so by its own inputs', () => {
  const names = { lint: ['fail-on', 'none'], exclude: 'exclude' } as const;
  const sources = { levels: {}, setBy: 'extends' } as const;
  expect(() => assertLintBounds(sources, { lint: 'warn' }, names)).toThrow('Input fail-on: got "none"');
  expect(() => assertLintBounds(sources, { lint: 'error', exclude: ['a'] }, names)).toThrow('Input exclude: got "a"');
});

test.each([
  [undefined, 'off', ['a']],
  [undefined, 'warn', []],
  ['file', 'warn', ['a']],
  ['file', 'error', []],
  ['extends', 'error', []],
] as const)('with %s, lint %s and exclude %j are the inputs to say', (setBy, lint, exclude) => {
  expect(() => build(setBy, lint, exclude)).not.toThrow();
});

test.each([
  ['extends', false],
  ['file', false],
  [undefined, true],
] as const)('a context of another repository is not built unseen (%s)', (setBy, isApplied) => {
  const sources = { levels: {}, ...(setBy ? { setBy } : {}) };
  expect(() => assertOwnContext(sources, 'https://github.com/acme/other.git#main', isApplied)).toThrow(
    'a folder of the repository',
  );
  expect(() => assertOwnContext(sources, 'app', isApplied)).not.toThrow();
  expect(() => assertOwnContext({ levels: {} }, 'https://github.com/acme/other.git#main')).not.toThrow();
});
