import { type Known, known, type Release, unknown } from '@tidegate/core';
import type { Job } from '../job.ts';
import { type Api, callGitHub, statusOf } from './api.ts';

/** GitHub's data about a ref that is not in the commit. */
export interface RefFacts {
  readonly head: Known<string | undefined>;
  readonly tags: Known<readonly string[]>;
  readonly release: Known<Release>;
}

/**
 * The current commit of a branch or git tag; for a git tag also all others, and whether its release is a pre-release.
 * @param ref `refs/heads/…` or `refs/tags/…`
 * @param wantsTags all git tags also for a branch: a rule gives it a version
 */
export async function refFacts(
  job: Job,
  token: string,
  repository: string,
  ref: string,
  wantsTags = false,
): Promise<RefFacts> {
  const ask = <T>(what: string, question: (api: Api) => Promise<T>) =>
    callGitHub(job, token, repository, what, question);
  const name = /^refs\/tags\/(.+)$/.exec(ref)?.[1];
  const [head, tags, release] = await Promise.all([
    ask(`the commit of ${ref}`, (api) => headOf(api, ref)),
    name === undefined && !wantsTags ? unknown('this run is not for a git tag') : ask('the tags', listTags),
    name === undefined ? unknown('this run is not for a git tag') : ask('the release', (api) => releaseOf(api, name)),
  ]);
  // For a token that may not read the repository, everything is a 404: "no release" counts only if the repository is
  // visible.
  const unseen = release.known && release.value === 'none' && !head.known;
  return { head, tags, release: unseen ? unknown(head.why) : release };
}

/**
 * REST, "Get a commit", with the media type `sha`: it takes `heads/NAME` and `tags/NAME`, and for an annotated tag it
 * returns the commit, which is what GITHUB_SHA is. A deleted ref is 422 ("No commit found"); 404 is a repository that
 * the token cannot see.
 */
async function headOf({ rest, repo }: Api, ref: string): Promise<string | undefined> {
  try {
    const short = ref.replace(/^refs\//, '');
    const { data } = await rest.repos.getCommit({ ...repo, ref: short, mediaType: { format: 'sha' } });
    // In this format the response is the commit's name alone, whatever the types say.
    const raw: unknown = data;
    const text = raw instanceof ArrayBuffer ? new TextDecoder().decode(raw) : raw;
    if (typeof text === 'string' && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(text)) return text;
    throw new Error('the response is not a commit');
  } catch (error) {
    if (statusOf(error) === 422) return undefined;
    throw error;
  }
}

async function listTags({ rest, paginate, repo }: Api): Promise<readonly string[]> {
  const refs = await paginate(rest.git.listMatchingRefs, { ...repo, ref: 'tags/', per_page: 100 });
  return refs.map((entry) => entry.ref.replace(/^refs\/tags\//, ''));
}

/** Drafts are not found by their tag. */
async function releaseOf({ rest, repo }: Api, tag: string): Promise<Release> {
  try {
    const { data } = await rest.repos.getReleaseByTag({ ...repo, tag });
    return data.prerelease ? 'pre-release' : 'stable';
  } catch (error) {
    if (statusOf(error) === 404) return 'none';
    throw error;
  }
}

/** The release of an event. */
export function releaseOfEvent(prerelease: unknown): Known<Release> {
  return typeof prerelease === 'boolean'
    ? known(prerelease ? 'pre-release' : 'stable')
    : unknown('the event does not contain it');
}
