import { setTimeout as after } from 'node:timers/promises';
import { messageOf, TidegateError } from '@tidegate/core';
import type { Job } from '../job.ts';
import { statusOf, withGitHub } from './api.ts';

/** Megabytes of an SBOM take as long as the connection needs. */
const UPLOAD_TIMEOUT = 5 * 60_000;
/** GitHub's store answers 5xx now and then (actions/attest#192), so its own action retries as well. Milliseconds. */
const PAUSES = [1000, 5000, 15_000];

/**
 * Store Sigstore bundles in the attestation store of this run's repository (REST: "Create an attestation"), one after
 * the other. `gh attestation verify` and the repository's Attestations tab read them there.
 * @param pauses between attempts after an outage, in milliseconds
 * @returns the page of each
 * @throws TidegateError `unauthorized` or `network`
 */
export async function storeAttestations(
  job: Job,
  token: string,
  bundles: readonly Uint8Array[],
  pauses: readonly number[] = PAUSES,
): Promise<readonly string[]> {
  const { GITHUB_REPOSITORY: repository = '', GITHUB_SERVER_URL: server = 'https://github.com' } = job.env;
  if (token === '') throw denied(repository, 'the step has no token', 'Set the input token');
  const pages: string[] = [];
  for (const bundle of bundles) {
    const id = await stored(job, token, repository, JSON.parse(Buffer.from(bundle).toString()), pauses);
    pages.push(`${server}/${repository}/attestations/${id}`);
  }
  return pages;
}

async function stored(
  job: Job,
  token: string,
  repository: string,
  bundle: Readonly<Record<string, unknown>>,
  [pause, ...pauses]: readonly number[],
): Promise<number> {
  try {
    return await withGitHub(
      job,
      token,
      repository,
      async ({ rest, repo }) => {
        const { data } = await rest.repos.createAttestation({ ...repo, bundle });
        if (typeof data.id !== 'number') throw new Error('The response contains no id.');
        return data.id;
      },
      UPLOAD_TIMEOUT,
    );
  } catch (error) {
    if (job.signal.aborted) throw job.signal.reason;
    const status = statusOf(error);
    if (pause !== undefined && (status === undefined || status >= 500 || status === 429)) {
      job.log.notice(`GitHub did not store an attestation: ${messageOf(error)} It is sent again.`);
      await after(pause, undefined, { signal: job.signal });
      return stored(job, token, repository, bundle, pauses);
    }
    throw failure(repository, status, messageOf(error));
  }
}

/** GitHub tells these apart by its message only: a plan without the feature is refused with different statuses. */
function failure(repository: string, status: number | undefined, message: string): TidegateError {
  if (/feature not available/i.test(message)) {
    return new TidegateError(
      'attestation-store-denied',
      `GitHub does not store attestations of ${repository}: ${message}`,
      {
        next: 'Remove github-attestations, or make the repository public: private ones need GitHub Enterprise Cloud. No tag was set.',
      },
    );
  }
  if (status === 401 || status === 403 || status === 404) return denied(repository, message);
  return new TidegateError(
    'attestation-not-stored',
    `GitHub did not store an attestation of ${repository}: ${message}`,
  );
}

function denied(repository: string, why: string, first = ''): TidegateError {
  const grant = 'rant the job `permissions: attestations: write`. No tag was set.';
  return new TidegateError('attestation-store-denied', `GitHub denied storing attestations of ${repository}: ${why}`, {
    next: first ? `${first}, and g${grant}` : `G${grant}`,
  });
}
