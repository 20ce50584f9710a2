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
export async function idToken(audience: string, { env, getIDToken, mask }: IdTokenSource): Promise<string> {
  const given = env.SIGSTORE_ID_TOKEN?.trim();
  if (given) {
    mask(given);
    return given;
  }
  if (!env.ACTIONS_ID_TOKEN_REQUEST_URL || !env.ACTIONS_ID_TOKEN_REQUEST_TOKEN) {
    throw new TidegateError(
      'id-token-denied',
      'Keyless signing needs an identity token, but this job may not request one.',
      {
        next: 'Grant the job `permissions: id-token: write` (a pull request from a fork never gets it), or sign with a key: the input key is empty.',
      },
    );
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
