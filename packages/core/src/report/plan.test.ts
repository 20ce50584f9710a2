import { expect, test } from '@jest/globals';
import { known } from '../known.ts';
import { makeGitState } from '../plan/git-state.ts';
import { makePlan } from '../plan/plan.ts';
import { planMarkdown } from './plan.ts';

const SHA = '0123456789abcdef0123456789abcdef01234567';

function markdownOf(ref: string, publishBranches: readonly string[] = []): string {
  const git = makeGitState({
    event: 'push',
    ...{ ref, sha: SHA, defaultBranch: 'main', repository: 'acme/app' },
    ...{ head: known(SHA), tags: known(['v1.2.4', 'v1.3.0']), release: known('none') },
  });
  const options = { images: ['ghcr.io/acme/app'], platforms: ['linux/amd64'], publishBranches, now: new Date(0) };
  return planMarkdown(makePlan(git, options))
    .replace(/\\(?=[.:()])/g, '')
    .replaceAll(/<\/?code>/g, '`')
    .replaceAll('&#46;', '.');
}

test('the summary of a plan has a reason for every tag, set or not', () => {
  expect(markdownOf('refs/tags/v1.2.4')).toBe(`## ghcr.io/acme/app

Will publish: push of git tag v1.2.4.

| Tag | Set | Why |
| --- | --- | --- |
| \`1.2.4\` | yes | Git tag v1.2.4 is version 1.2.4. |
| \`1.2\` | yes | 1.2.4 is the newest stable version of 1.2. |
| \`1\` | no | 1 stays where it is: v1.3.0 is newer than 1.2.4. |
| \`latest\` | no | latest stays where it is: v1.3.0 is newer than 1.2.4. |
`);
});

test('the summary of a run that publishes nothing begins with the reason', () => {
  expect(markdownOf('refs/heads/dev')).toContain('\n\nNot published: branch dev is not a publishing branch');
  expect(markdownOf('refs/heads/dev')).toContain('| not published |');
});

test('the name of a branch is text, not markup', () => {
  const markdown = markdownOf('refs/heads/<b>|`x`', ['**']);
  expect(markdown).not.toContain('<b>');
  expect(markdown).not.toMatch(/[^\\]\|`x`/);
});
