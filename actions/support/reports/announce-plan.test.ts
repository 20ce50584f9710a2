import { expect, test } from '@jest/globals';
import { known, type Log, makeGitState, makePlan, type Plan, type RawGitState } from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import { planFirst } from './announce-plan.ts';

const SHA = '0123456789abcdef0123456789abcdef01234567';

function planOf(state: Partial<RawGitState>, tags: readonly string[]): Plan {
  const git = makeGitState({
    ...{ event: 'push', ref: 'refs/heads/main', sha: SHA, defaultBranch: 'main', repository: 'acme/app' },
    ...{ head: known(SHA), ...state },
  });
  return makePlan(git, { images: ['ghcr.io/acme/app'], platforms: ['linux/amd64'], tags, now: new Date(0) });
}

function recorder() {
  const lines: string[] = [];
  const log: Log = {
    debug: (message) => void lines.push(`debug: ${message}`),
    info: (message) => void lines.push(message),
    notice: (message) => void lines.push(`notice: ${message}`),
    warning: (message) => void lines.push(`warning: ${message}`),
    group: (_, work) => work(log),
    mask: (secret) => void lines.push(`mask: ${secret}`),
    redact: (text) => text,
  };
  return { lines, job: { log } as unknown as Job };
}

async function linesOf(state: Partial<RawGitState>, tags: readonly string[] = ['auto']): Promise<readonly string[]> {
  const { lines, job } = recorder();
  await planFirst(job, async ({ log }) => {
    log.notice('GitHub did not return the tags');
    await log.group('Policy', async (inner) => inner.info('read'));
    return { plan: planOf(state, tags) };
  });
  return lines;
}

const PULL = { event: 'pull_request', ref: 'refs/pull/7/merge' };

test.each<[string, Partial<RawGitState>, readonly string[], string]>([
  ['the trigger of a publication', {}, ['auto'], 'Will publish: push of branch main.'],
  [
    'a pull request',
    { ...PULL, headRepository: 'acme/app' },
    ['auto'],
    'notice: Not published: a pull request (pull_request).',
  ],
  [
    'a fork',
    { ...PULL, headRepository: 'mallory/app' },
    ['auto'],
    'notice: Not published: a pull request from a fork.',
  ],
  ['a branch that no rule fits', {}, ['semver'], 'notice: Not published: no tag rule matches branch main.'],
  [
    'a git tag that no rule fits',
    { ref: 'refs/tags/v1.2.3' },
    ['branch'],
    'warning: Not published: no tag rule matches git tag v1.2.3.',
  ],
])('the first line is of the plan, and the rest comes after it: %s', async (_, state, tags, first) => {
  const lines = await linesOf(state, tags);
  expect(lines[0]).toContain(first);
  expect(lines.slice(-3)).toEqual(['notice: GitHub did not return the tags', 'Policy', 'read']);
});

test('delayed log lines are printed if there is no plan, and secrets are masked at once', async () => {
  const { lines, job } = recorder();
  const failing = planFirst(job, async ({ log }) => {
    log.warning('GitHub did not respond');
    log.mask('secret');
    throw new Error('no plan');
  });
  await expect(failing).rejects.toThrow('no plan');
  expect(lines).toEqual(['mask: secret', 'warning: GitHub did not respond']);
});
