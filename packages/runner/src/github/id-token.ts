import { messageOf, TidegateError } from '@tidegate/core';

/** What the environment holds of identity, which stages and their children never see. */
export interface IdTokenSource {
  readonly env: NodeJS.ProcessEnv;
  /** @actions/core's: asks the runner's own service. */
  readonly getIDToken: (audience: string) => Promise<string>;
  readonly mask: (secret: string) => void;
}

/**
 * A token that says which workflow this is: SIGSTORE_ID_TOKEN, as Sigstore's clients read it on other systems, else
 * GitHub's for `audience`, asked for now since it lives for minutes.
 * @throws TidegateError `unauthorized` where the job may have none.
 */
export async function idToken(audience: string, { env, getIDToken, mask }: IdTokenSource): Promise<string> {
  const given = env.SIGSTORE_ID_TOKEN?.trim();
  if (given) {
    mask(given);
    return given;
  }
  if (!env.ACTIONS_ID_TOKEN_REQUEST_URL || !env.ACTIONS_ID_TOKEN_REQUEST_TOKEN) {
    throw new TidegateError(
      'unauthorized',
      'Keyless signing needs an identity token, and this job may not request one.',
      {
        next: 'Grant the job `permissions: id-token: write` (a pull request from a fork gets none), or sign with a key: the input key is empty.',
      },
    );
  }
  try {
    const token = await getIDToken(audience);
    mask(token);
    return token;
  } catch (cause) {
    throw new TidegateError('unauthorized', `The runner gave no identity token: ${messageOf(cause)}`, {
      next: 'Run the job again. If it stays, see https://www.githubstatus.com.',
      cause,
    });
  }
}
