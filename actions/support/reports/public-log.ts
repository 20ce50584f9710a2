import type { SigningServices } from '@tidegate/attest';
import { TidegateError } from '@tidegate/core';
import { githubToken, type Job, repositoryVisibility, VISIBILITIES } from '@tidegate/runner';

interface PublicLogInputs {
  readonly 'public-log': 'refuse' | 'allow';
  readonly token?: string;
}

/** Certificate authority and log of the public good instance: everyone can read what they receive, forever. */
function arePublic({ fulcio, rekor }: SigningServices): boolean {
  return [...fulcio, ...rekor.services].some(({ url }) => new URL(url).hostname.endsWith('.sigstore.dev'));
}

/**
 * A certificate for keyless signing names the repository, the workflow and the commit, and is logged. The visibility in
 * an identity token takes precedence over the event's, which is as old as the run's first attempt.
 * @param idToken if one is available
 * @throws TidegateError `bad-input` for a repository that is not known to be public
 */
export async function assertMayBeLogged(
  inputs: PublicLogInputs,
  services: SigningServices,
  job: Job,
  idToken?: string,
): Promise<void> {
  if (inputs['public-log'] === 'allow' || !arePublic(services)) return;
  const visibility =
    visibilityOf(idToken) ?? (await repositoryVisibility(job, githubToken(inputs.token ?? '', job.env)));
  if (visibility === 'public') return;
  const what = visibility === undefined ? 'of unknown visibility' : visibility;
  throw new TidegateError(
    'public-log-denied',
    `The repository is ${what}, and keyless signing would publish its name and workflow in the public Sigstore log.`,
    {
      next: 'Sign with a key, set signing-config: github with its trusted-root, or set public-log: allow.',
    },
  );
}

/** The visibility that a token of GitHub or GitLab claims; undefined for other tokens. */
function visibilityOf(idToken: string | undefined): string | undefined {
  const [, payload] = idToken?.split('.') ?? [];
  if (payload === undefined) return undefined;
  const { repository_visibility: ofGitHub, project_visibility: ofGitLab } = JSON.parse(
    Buffer.from(payload, 'base64url').toString('utf8'),
  ) as { readonly repository_visibility?: unknown; readonly project_visibility?: unknown };
  return VISIBILITIES.find((one) => one === (ofGitHub ?? ofGitLab));
}
