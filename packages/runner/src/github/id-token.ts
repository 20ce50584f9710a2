import { messageOf, TidegateError } from '@tidegate/core';

/** The identity variables of the environment, which stages and their child processes never see. */
export interface IdTokenSource {
  readonly env: NodeJS.ProcessEnv;
  /** The function of @actions/core: sends the request to the runner's own service. */
  readonly getIDToken: (audience: string) => Promise<string>;
  readonly mask: (secret: string) => void;
}

/**
 * Whether this run has a token to sign with, found without a request.
 * @throws TidegateError `id-token-denied` if the job may have none, `id-token-missing` outside a workflow
 */
export function assertIdToken({ env }: Pick<IdTokenSource, 'env'>): void {
  if (env.SIGSTORE_ID_TOKEN?.trim() || mayRequest(env)) return;
  // Outside a workflow nobody grants a permission: a flag or a variable is missing.
  const id = env.GITHUB_ACTIONS === 'true' ? 'id-token-denied' : 'id-token-missing';
  throw new TidegateError(id, 'Keyless signing needs an identity token, but this job may not request one.', {
    next: 'Grant the job `permissions: id-token: write` (a pull request from a fork never gets it), or sign with a key: the input key is empty.',
  });
}

/**
 * A token that identifies this workflow: SIGSTORE_ID_TOKEN, as Sigstore's clients read it on other systems, else
 * GitHub's for `audience`, requested on demand because it lives for minutes.
 * @throws TidegateError as `assertIdToken` does, and `id-token-unavailable`
 */
export async function idToken(audience: string, source: IdTokenSource): Promise<string> {
  const given = source.env.SIGSTORE_ID_TOKEN?.trim();
  if (given) {
    source.mask(given);
    return given;
  }
  assertIdToken(source);
  return requested(audience, source);
}

/**
 * GitHub's token for `audience`, to log in at a registry. Never SIGSTORE_ID_TOKEN: with that one, whoever runs the
 * registry could sign in the name of this workflow.
 * @throws TidegateError `unauthorized` if the job may have none.
 */
export async function loginToken(audience: string, source: IdTokenSource): Promise<string> {
  if (mayRequest(source.env)) return requested(audience, source);
  throw new TidegateError(
    'id-token-denied',
    'registry-identities needs `permissions: id-token: write`, which this job does not have; a pull request from a fork never gets it.',
    { next: 'Grant it to the job, or log in with a password.' },
  );
}

function mayRequest(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env.ACTIONS_ID_TOKEN_REQUEST_URL && env.ACTIONS_ID_TOKEN_REQUEST_TOKEN);
}

async function requested(audience: string, { getIDToken, mask }: IdTokenSource): Promise<string> {
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
