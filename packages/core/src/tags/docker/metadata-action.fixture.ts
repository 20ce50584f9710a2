/**
 * Lines of docker/metadata-action and the tags that it and Tidegate give for them: testdata/metadata-action.json. The
 * tags of docker/metadata-action are from runs of its published bundle (v6, commit dc80280) at the time `now`, with the
 * commit and repository below. The rows follow the examples of its README and its own tests.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { known } from '../../known.ts';
import { type GitState, makeGitState, type Release } from '../../plan/git-state.ts';
import { planTags, type TagPlan } from '../plan-tags.ts';

interface Outcome {
  readonly tags: readonly string[];
  readonly version: string;
}

export interface MetadataRow {
  /** Default `push`. */
  readonly event?: string;
  readonly ref: string;
  /** The repository's other git tags. Default none. */
  readonly others?: readonly string[];
  /** GitHub's state of the git tag's release. Default none. */
  readonly release?: Release;
  /** The input `tags`. */
  readonly lines: readonly string[];
  readonly flavor?: readonly string[];
  readonly theirs: Outcome;
  /** If different from theirs. */
  readonly ours?: Outcome | { readonly error: string };
  /** Why it is different. */
  readonly differs?: string;
}

export const METADATA_ROWS: readonly MetadataRow[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../testdata/metadata-action.json'), 'utf8'),
);

const SHA = '0123456789abcdef0123456789abcdef01234567';
const NOW = new Date('2026-11-24T23:30:00Z');

export function stateOf({ event = 'push', ref, others = [], release = 'none' }: MetadataRow): GitState {
  const isPull = event.startsWith('pull_request');
  const own = /^refs\/tags\/(.+)$/.exec(ref)?.[1];
  return makeGitState({
    ...{ event, ref, sha: SHA, defaultBranch: 'main', repository: 'acme/app', commitTime: '2026-11-20T10:20:30Z' },
    ...(isPull ? { headRepository: 'acme/app', pullRequest: 7, baseRef: 'main' } : {}),
    head: known(SHA),
    tags: known([...(own === undefined ? [] : [own]), ...others]),
    release: known(release),
  });
}

export function planOf(row: MetadataRow): TagPlan {
  return planTags(stateOf(row), { tags: row.lines, flavor: row.flavor ?? [], now: NOW });
}
