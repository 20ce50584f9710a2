import { createHash } from 'node:crypto';
import { defined } from '@tidegate/core';
import type { Job } from '../job.ts';
import { told } from '../log/told.ts';
import { type Api, withGitHub } from './api.ts';
import { eventAt } from './event.ts';

/** A package of a snapshot, as GitHub resolves it. */
interface SnapshotPackage {
  readonly purl: string;
}

/** The packages of one platform of an image. */
export interface SnapshotManifest {
  /** Unique within the snapshot: `ghcr.io/acme/app (linux/amd64)`. */
  readonly name: string;
  /** File of the repository that introduced them, for GitHub's link. */
  readonly file: string;
  readonly packages: readonly SnapshotPackage[];
}

export interface Snapshot {
  /** The key by which the next snapshot replaces this one: the image, within its workflow and job. */
  readonly image: string;
  readonly manifests: readonly SnapshotManifest[];
  readonly detector: { readonly name: string; readonly version: string; readonly url: string };
}

/** Uploads take as long as the connection needs. */
const UPLOAD_TIMEOUT = 5 * 60_000;

/**
 * Submit the packages of the image to GitHub's dependency graph (REST: "Create a snapshot of dependencies for a
 * repository"): Dependabot then alerts on the built image and not only on manifests. A rejected request is a warning:
 * it changes nothing about the image.
 * @returns whether it was accepted
 */
export async function submitSnapshot(job: Job, token: string, snapshot: Snapshot): Promise<boolean> {
  const { env } = job;
  const { GITHUB_JOB: name = '', GITHUB_REPOSITORY: repository = '', GITHUB_RUN_ID: id = '' } = env;
  const server = env.GITHUB_SERVER_URL || 'https://github.com';
  return told(job, 'The dependency snapshot was not submitted', 'contents: write', token, async () => {
    await withGitHub(job, token, repository, ({ rest, repo }) =>
      rest.dependencyGraph.createRepositorySnapshot({
        ...repo,
        version: 0,
        // A pull request's GITHUB_SHA is a merge commit that is in no branch.
        sha: eventAt(job.event, 'pull_request', 'head', 'sha') ?? env.GITHUB_SHA ?? '',
        ref: env.GITHUB_REF ?? '',
        job: {
          id,
          correlator: [env.GITHUB_WORKFLOW ?? '', name, snapshot.image].join(' '),
          ...defined({ html_url: id ? `${server}/${repository}/actions/runs/${id}` : undefined }),
        },
        detector: snapshot.detector,
        scanned: job.clock().toISOString(),
        manifests: Object.fromEntries(snapshot.manifests.map((one) => [one.name, manifestOf(one)])),
      }),
    );
  });
}

function manifestOf({ name, file, packages }: SnapshotManifest) {
  const resolved = packages.map(({ purl }) => [purl, { package_url: purl, scope: 'runtime' as const }]);
  return { name, file: { source_location: file }, resolved: Object.fromEntries(resolved) };
}

/** A file for a release. */
export interface ReleaseFile {
  /** Letters, digits, `.`, `_` and `-`: GitHub replaces others by a dot. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

interface Release {
  readonly id: number;
  readonly upload_url: string;
  readonly assets: readonly {
    readonly id: number;
    readonly name: string;
    readonly digest?: string | null | undefined;
  }[];
}

/**
 * Attach files to the release of this run's tag (REST: "Upload a release asset"). A file of the same name and content
 * stays, one of another content is replaced. A published immutable release accepts no files: attach them while it is a
 * draft. A rejected request is a warning.
 * @returns whether all of them are attached; false as well if the run has no tag
 */
export async function attachToRelease(job: Job, token: string, files: readonly ReleaseFile[]): Promise<boolean> {
  const tag = tagOf(job);
  if (tag === undefined) {
    job.log.info('SBOMs were not attached to a release, because this run is not for a tag.');
    return false;
  }
  return told(job, `The SBOMs were not attached to the release ${tag}`, 'contents: write', token, async () => {
    const work = async (api: Api) => {
      const release = await releaseOf(api, tag);
      if (!release) {
        throw new Error(
          `There is no release of the tag ${tag}. Draft it before the image is built, or run on its release event.`,
        );
      }
      for (const file of files) await attach(api, release, file);
    };
    await withGitHub(job, token, job.env.GITHUB_REPOSITORY ?? '', work, UPLOAD_TIMEOUT);
  });
}

function tagOf({ env, event }: Job): string | undefined {
  const ofRelease = eventAt(event, 'release', 'tag_name');
  if (ofRelease !== undefined) return ofRelease;
  const ref = env.GITHUB_REF ?? '';
  return ref.startsWith('refs/tags/') ? ref.slice('refs/tags/'.length) : undefined;
}

/** From the list and not by its tag: GitHub does not find a draft by its tag, and only a draft always accepts files. */
async function releaseOf({ paginate, rest, repo }: Api, tag: string): Promise<Release | undefined> {
  const releases = await paginate(rest.repos.listReleases, { ...repo, per_page: 100 });
  const named = releases.filter(({ tag_name }) => tag_name === tag);
  return named.find(({ draft }) => draft) ?? named[0];
}

async function attach({ request, rest, repo, baseUrl }: Api, release: Release, file: ReleaseFile): Promise<void> {
  const there = release.assets.find(({ name }) => name === file.name);
  const digest = `sha256:${createHash('sha256').update(file.bytes).digest('hex')}`;
  if (there?.digest === digest) return;
  const url = uploadUrl(release.upload_url, baseUrl);
  if (there) await rest.repos.deleteReleaseAsset({ ...repo, asset_id: there.id });
  await request(`POST ${url}`, {
    name: file.name,
    data: file.bytes,
    headers: { 'content-type': 'application/json', 'content-length': file.bytes.byteLength },
  });
}

/**
 * The request carries the token, so it goes only to GitHub's own upload host: `uploads.` in place of `api.`, or the
 * API's own host on GitHub Enterprise Server.
 */
function uploadUrl(given: string, api: string): string {
  const [address = ''] = given.split('{');
  const host = URL.canParse(address) ? new URL(address).host : '';
  const own = new URL(api).host;
  if (![own, own.replace(/^api\./, 'uploads.')].includes(host)) {
    throw new Error(`GitHub returned the upload host ${host || '(none)'}, which is not its own.`);
  }
  return `${address}{?name}`;
}
