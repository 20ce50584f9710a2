import { describe, expect, test } from '@jest/globals';
import { complaintsAbout } from './form.ts';

const SHIPPED = 'packages/core/src/a.ts';
const of = (lines: number) => 'x;\n'.repeat(lines);

describe('a file is short:', () => {
  test.each([
    ['shipped', SHIPPED, 300],
    ['of an action', 'actions/plan/run.ts', 300],
    ['of the tooling', 'packages/tooling/src/a.ts', 300],
    ['the index of a package', 'packages/core/src/index.ts', 400],
    ['the index of a folder', 'packages/core/src/tags/index.ts', 300],
    ['a unit test', 'packages/core/src/a.test.ts', 400],
    ['a fixture', 'packages/core/src/a.fixture.ts', 400],
    ['an end-to-end test', 'test/build/a.e2e.ts', 400],
    ['a helper of those', 'test/support/a.ts', 400],
  ])('%s', (_, path, limit) => {
    expect(complaintsAbout(path, of(limit))).toEqual([]);
    expect(complaintsAbout(path, of(limit + 1))).toEqual([
      expect.stringMatching(`^${path}:${limit + 1} has ${limit + 1} lines, more than ${limit} → `),
    ]);
  });
});

test('exports are listed by name', () => {
  expect(complaintsAbout('packages/core/src/index.ts', "\nexport * from './b.ts';\n")).toEqual([
    expect.stringMatching(/^packages\/core\/src\/index\.ts:2 exports everything /),
  ]);
});

test.each([
  '{ ...(x ? { x } : {}) }',
  '{ ...(x === undefined ? {} : { x }) }',
  '{ ...(x ? namesOf(x) : {}) }',
  '{ ...(x ? { x } : undefined) }',
  '{ ...(x ? { x: 1 as const } : ({} as Y)) }',
  '{ ...(x && { x }) }',
  '{ a: f({ ...(x && (y && { x })) }) }',
])('a conditional spread is refused, with its line: %s', (text) => {
  expect(complaintsAbout(SHIPPED, `const a =\n${text};\n`)).toEqual([
    expect.stringMatching(/^packages\/core\/src\/a\.ts:2 spreads an object under a condition → /),
  ]);
});

test.each([
  ['a choice of two objects', SHIPPED, '{ ...(x ? { x } : { y }) }'],
  ['an object that may be undefined', SHIPPED, '{ ...found, ...(x && namesOf(x)) }'],
  ['a list', SHIPPED, '[...(x ? [x] : [])]'],
  ['a test', 'packages/core/src/a.test.ts', '{ ...(x ? { x } : {}) }'],
  ['the testkit', 'packages/testkit/src/a.ts', '{ ...(x ? { x } : {}) }'],
])('%s is allowed', (_, path, text) => {
  expect(complaintsAbout(path, `const a = ${text};\n`)).toEqual([]);
});
