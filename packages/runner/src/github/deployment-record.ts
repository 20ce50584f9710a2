import { defined, digestOf, hexOf, messageOf, TidegateError } from '@tidegate/core';
import type { Job } from '../job.ts';
import { statusOf, withGitHub } from './api.ts';

/** An image that runs in an environment. */
export interface DeployedImage {
  /** `ghcr.io/acme/app`: the name that its attestations have. */
  readonly name: string;
  readonly digest: string;
  readonly tag: string | undefined;
  /** Names the place in the environment: a later record of the same place replaces this one. */
  readonly place: string;
}

/** Dozens of images, one request each. */
const TIMEOUT = 120_000;
/** Maximum length of an environment's name: REST, "Create an artifact deployment record", `logical_environment`. */
export const LONGEST_ENVIRONMENT = 128;
/** The longest `version`. A tag has up to 128 characters. */
const LONGEST_VERSION = 100;
/** Published descriptions of the longest `deployment_name` say 128 or 256. */
const LONGEST_PLACE = 128;

/**
 * Record which images run in an environment (REST, "Create an artifact deployment record"). GitHub shows them on the
 * organisation's page of linked artifacts, and in alerts. Only organisations have these records.
 * @throws TidegateError `deployment-not-recorded`
 */
export async function recordDeployment(
  job: Job,
  token: string,
  environment: string,
  images: readonly DeployedImage[],
): Promise<void> {
  const { GITHUB_REPOSITORY: repository = '' } = job.env;
  try {
    if (token === '') throw new Error('the step has no token');
    await withGitHub(
      job,
      token,
      repository,
      async ({ request, repo }) => {
        for (const { name, digest, tag, place } of images) {
          const version = tag !== undefined && tag.length <= LONGEST_VERSION ? tag : undefined;
          await request('POST /orgs/{org}/artifacts/metadata/deployment-record', {
            ...{ org: repo.owner, name, digest, status: 'deployed', ...defined({ version }) },
            ...{ logical_environment: environment, deployment_name: shortened(place) },
            github_repository: repo.repo,
          });
        }
      },
      TIMEOUT,
    );
  } catch (error) {
    if (job.signal.aborted) throw job.signal.reason;
    const message = `GitHub did not record the deployment to ${environment}: ${messageOf(error)}`;
    const isAbsent = statusOf(error) === 404;
    const next = isAbsent
      ? 'Only organisations have deployment records. Check the owner, or remove deployment.'
      : undefined;
    throw new TidegateError('deployment-not-recorded', message, { next, cause: error });
  }
}

/** The end of a long place says most. Its checksum keeps two places with the same end apart. */
function shortened(place: string): string {
  if (place.length <= LONGEST_PLACE) return place;
  const checksum = `~${hexOf(digestOf(place)).slice(0, 16)}`;
  return `${place.slice(checksum.length - LONGEST_PLACE)}${checksum}`;
}
