import { describe, expect, test } from '@jest/globals';
import { TidegateError } from '../error.ts';
import { known, unknown } from '../known.ts';
import { makeGitState } from './git-state.ts';
import { makePlan, type Plan } from './plan.ts';
import { NAME_ROWS, type NameRow } from './plan-names.fixture.ts';

const SHA = '0123456789abcdef0123456789abcdef01234567';
const OTHER = 'f'.repeat(40);
const HEADS = {
  here: known(SHA),
  elsewhere: known(OTHER),
  gone: known(undefined),
  unknown: unknown('nobody was asked'),
};

function planOf(row: NameRow): Plan {
  const { repository = 'acme/app', ref = 'heads/main', event = 'push', others = [], release } = row;
  const own = ref.startsWith('tags/') ? [ref.slice('tags/'.length)] : [];
  const git = makeGitState({
    event,
    ref: `refs/${ref}`,
    sha: SHA,
    defaultBranch: 'main',
    repository,
    ...(event === 'pull_request' || event === 'workflow_run' ? { headRepository: repository } : {}),
    attempt: row.attempt ?? 1,
    head: HEADS[row.head ?? 'here'],
    tags: others === 'unknown' ? unknown('nobody was asked') : known([...own, ...others]),
    release: known(release ?? 'none'),
  });
  return makePlan(git, {
    images: [row.image ?? `ghcr.io/${repository}`],
    platforms: ['linux/amd64'],
    tags: row.rules ?? [],
    latest: row.latest ?? 'auto',
    publishBranches: row.publishBranches ? [row.publishBranches] : [],
    now: new Date('2026-11-24T12:00:00Z'),
  });
}

const dated = (text: string) => text.replace('DAY', '20261124');

describe('a plan of', () => {
  test.each(NAME_ROWS.map((row) => [row.about, row] as const))('%s', (_, row) => {
    if (row.refused) {
      expect(() => planOf(row)).toThrow(TidegateError);
      expect(() => planOf(row)).toThrow(row.reason);
      return;
    }
    const plan = planOf(row);
    const sentences = [plan.why, ...plan.notices, ...[...plan.tags, ...plan.left].map(({ reason }) => reason)];
    expect(plan.image).toBe(row.named ?? row.image ?? `ghcr.io/${row.repository ?? 'acme/app'}`);
    expect(plan.tags.map(({ tag }) => tag)).toEqual(row.tags.map(dated));
    expect(plan.publish).toBe(row.publish ?? row.tags.length > 0);
    expect(plan.labels['org.opencontainers.image.version']).toBe(row.version && dated(row.version));
    expect(sentences.find((sentence) => sentence.includes(row.reason))).toBeDefined();
    // Each is a sentence that names its subject.
    for (const sentence of sentences) expect(sentence).toMatch(/\.$/);
  });
});

test('no two branches of the table share a tag', () => {
  const branches = NAME_ROWS.filter(({ ref = '', rules }) => ref.startsWith('heads/') && !rules);
  const tags = branches.flatMap((row) => planOf({ ...row, publishBranches: '**' }).tags.map(({ tag }) => tag));
  const names = new Set(branches.filter((row) => planOf(row).tags.length > 0).map(({ ref }) => ref));
  expect(new Set(tags).size).toBe(names.size);
});

test('no branch and git tag share a tag, whichever of the names of the table they have', () => {
  const names = [...new Set(NAME_ROWS.flatMap(({ ref = '' }) => /^(?:heads|tags)\/(.+)$/.exec(ref)?.[1] ?? []))];
  const tagsOf = (kind: 'heads' | 'tags') =>
    names.flatMap((name) => {
      const row = { about: name, ref: `${kind}/${name}`, publishBranches: '**', tags: [], reason: '' };
      return planOf(row).tags.map(({ tag }) => tag);
    });
  const ofGitTags = new Set(tagsOf('tags'));
  expect(tagsOf('heads').filter((tag) => ofGitTags.has(tag))).toEqual([]);
});

test('the table has at least sixty rows, each about something else', () => {
  expect(NAME_ROWS.length).toBeGreaterThanOrEqual(60);
  expect(new Set(NAME_ROWS.map(({ about }) => about)).size).toBe(NAME_ROWS.length);
});
