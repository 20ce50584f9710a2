import { expect, test } from '@jest/globals';
import { rebuildSection } from './rebuild.ts';

test('a run without a second build says nothing about it', () => {
  expect(rebuildSection({})).toBe('');
});

test('two equal builds take one line', () => {
  expect(rebuildSection({ rebuilt: { same: 1, runners: 1, differences: [] } })).toBe(
    'Reproducible: a second build without cache gave the same digest.',
  );
  expect(rebuildSection({ rebuilt: { same: 2, runners: 1, differences: [] } })).toMatch(
    /the same digests for 2 platforms\.$/,
  );
});

test('a second build on another runner is told apart', () => {
  expect(rebuildSection({ rebuilt: { same: 1, runners: 2, differences: [] } })).toBe(
    'Reproducible: a second build without cache on another runner gave the same digest.',
  );
});

test('differences come with the step to take, escaped, at most three', () => {
  const differences = ['a', 'b', 'c', 'd'].map((name) => `linux/amd64: layer 1: /${name}<img>`);
  const text = rebuildSection({ rebuilt: { same: 0, runners: 1, differences, next: 'Set rewrite-timestamp: true.' } });
  expect(text).toMatch(/^\*\*Not reproducible\*\*/);
  expect(text.match(/^- /gm)).toHaveLength(4);
  expect(text).toMatch(/- 1 more difference\n\n→ Set rewrite/);
  expect(text).not.toMatch(/<img>/);
});

test('a second build that failed says why', () => {
  const rebuilt = { same: 0, runners: 1, differences: [], failure: 'no space left\n::error::x' };
  expect(rebuildSection({ rebuilt })).toMatch(/^\*\*Not compared\*\*: the second build failed\. no space left/);
});
