/** docs/tags.md: every row of its tables matches the planner. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { known, makeGitState, planTags, unknown } from '@tidegate/core';
import { ROOT } from './repository.ts';

const page = readFileSync(join(ROOT, 'docs/tags.md'), 'utf8');
const SHA = '0123456789abcdef0123456789abcdef01234567';

function rowsOf(text: string): readonly (readonly string[])[] {
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

function between(name: string): string {
  return new RegExp(`<!-- table:${name} -->\n(.*?)<!-- /table:${name} -->`, 's').exec(page)?.[1] ?? '';
}

const codes = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

function tagsOf(rule: string, subject: string, others: string): readonly string[] {
  const [, kind = '', name = ''] = /^(branch|tag|pull request) `([^`]+)`/.exec(subject) ?? [];
  const [, event = kind === 'pull request' ? 'pull_request' : 'push'] = /, event `([^`]+)`$/.exec(subject) ?? [];
  const refs: Readonly<Record<string, string>> = {
    branch: `refs/heads/${name}`,
    tag: `refs/tags/${name}`,
    'pull request': `refs/pull/${name}/merge`,
  };
  const git = makeGitState({
    event,
    ref: refs[kind] ?? '',
    sha: SHA,
    defaultBranch: 'main',
    repository: 'acme/app',
    head: known(SHA),
    tags: others === 'not known' ? unknown('nobody was asked') : known([name, ...codes(others)]),
    release: known('none'),
  });
  return planTags(git, { now: new Date('2026-11-24T12:00:00Z'), tags: rule === '' ? [] : [rule] }).tags.map(
    ({ tag }) => tag,
  );
}

const expected = (cell: string) => (cell === 'none' ? [] : codes(cell));

test.each(rowsOf(between('auto')))('%s beside %s gives %s', (subject, others, tags) => {
  expect(tagsOf('', subject, others)).toEqual(expected(tags));
});

test.each(rowsOf(between('rules')))('%s on %s beside %s gives %s', (rule, subject, others, tags) => {
  expect(tagsOf(codes(rule)[0] ?? '', subject, others)).toEqual(expected(tags));
});
