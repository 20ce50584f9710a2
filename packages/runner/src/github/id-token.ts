import { messageOf, TidegateError } from '@tidegate/core';

/** The identity variables of the environment, which stages and their child processes never see. */
export interface IdTokenSource {
  readonly env: NodeJS.ProcessEnv;
  /** The function of @actions/core: sends the request to the runner's own service. */
  readonly getIDToken: (audience: string) => Promise<string>;
  readonly mask: (secret: string) => void;
}

/**
 * A token that identifies this workflow: SIGSTORE_ID_TOKEN, as Sigstore's clients read it on other systems, else
 * GitHub's for `audience`, requested on demand because it lives for minutes.
 * @throws TidegateError `unauthorized` if the job may have none.
 */
export async function idToken(audience: string, source: IdTokenSource): Promise<string> {
  const given = source.env.SIGSTORE_ID_TOKEN?.trim();
  if (given) {
    source.mask(given);
    return given;
  }
  return requested(audience, source, [
    'Keyless signing needs an identity token, but this job may not request one.',
    'Grant the job `permissions: id-token: write` (a pull request from a fork never gets it), or sign with a key: the input key is empty.',
  ]);
}

/**
 * GitHub's token for `audience`, to log in at a registry. Never SIGSTORE_ID_TOKEN: with that one, whoever runs the
 * registry could sign in the name of this workflow.
 * @throws TidegateError `unauthorized` if the job may have none.
 */
export async function loginToken(audience: string, source: IdTokenSource): Promise<string> {
  return requested(audience, source, [
    'registry-identities needs `permissions: id-token: write`, which this job does not have; a pull request from a fork never gets it.',
    'Grant it to the job, or log in with a password.',
  ]);
}

async function requested(
  audience: string,
  { env, getIDToken, mask }: IdTokenSource,
  [why, next]: readonly [why: string, next: string],
): Promise<string> {
  if (!env.ACTIONS_ID_TOKEN_REQUEST_URL || !env.ACTIONS_ID_TOKEN_REQUEST_TOKEN) {
    throw new TidegateError('id-token-denied', why, { next });
  }
  try {
    const token = await getIDToken(audience);
    mask(token);
    return token;
  } catch (cause) {
    throw new TidegateError('id-token-unavailable', `The runner returned no identity token: ${messageOf(cause)}`, {
      next: 'Run the job again. If the failure persists, see https://www.githubstatus.com.',
      cause,
    });
  }
}
