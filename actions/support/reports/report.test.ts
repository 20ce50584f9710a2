import { expect, test } from '@jest/globals';
import { known, makeGitState, makePlan, summaryMarkdown } from '@tidegate/core';
import { type PushReport, TRUST_NONE } from '@tidegate/pipeline';
import { pushFacts } from './report.ts';

const SHA = '0123456789abcdef0123456789abcdef01234567';
const git = makeGitState({
  ...{ event: 'push', ref: 'refs/heads/main', sha: SHA, defaultBranch: 'main', repository: 'acme/app' },
  head: known(SHA),
});
const plan = makePlan(git, { images: ['ghcr.io/acme/app'], platforms: ['linux/amd64'], now: new Date(0) });
const REPORT = { digest: `sha256:${'0'.repeat(64)}`, tags: [], blobs: {} } as unknown as PushReport;

test('the plan says what will happen, and the summary of a push what has happened', () => {
  expect(plan.why).toBe('Will publish: push of branch main.');
  const published = pushFacts(plan, [REPORT], TRUST_NONE);
  expect(published.publication).toEqual({ published: true, why: 'Push of branch main.' });
  expect(summaryMarkdown(published)).not.toContain('Will publish');
  expect(pushFacts(plan, undefined, TRUST_NONE).publication).toEqual({ published: false, why: 'Not published.' });
});
