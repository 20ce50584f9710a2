import { hasKind, TidegateError } from '@tidegate/core';
import { type LocalCheckout, readCheckout } from '../checkout/checkout.ts';
import { parseRemote } from '../checkout/remote.ts';
import { type Check, failed, ok, warning } from './check.ts';

const NAME = 'checkout';

/** What git says about the commit: a build needs it for source and provenance, a plan for tags and publication. */
export async function checkoutCheck(
  folder: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Check> {
  try {
    return checkOf(folder, await readCheckout(folder, env, signal));
  } catch (error) {
    if (!(error instanceof TidegateError) || !hasKind(error, 'bad-input')) throw error;
    return failed(NAME, error.message, error.next ?? '');
  }
}

function checkOf(folder: string, checkout: LocalCheckout | undefined): Check {
  if (!checkout) {
    const detail = `${folder} is in no git checkout with a commit.`;
    return warning(NAME, detail, 'Run the command in a checkout: ship, build, push and plan need a commit.');
  }
  const { origin, defaultBranch } = checkout;
  const remote = origin === undefined ? undefined : parseRemote(origin);
  if (!remote) {
    const why = origin === undefined ? 'there is no remote named origin' : 'the remote origin is no server';
    return warning(
      NAME,
      `${why}: source and provenance of an image name a repository, and init its image.`,
      'Run git remote add origin URL, or give --repository OWNER/NAME and --default-branch.',
    );
  }
  const name = `${remote.serverUrl}/${remote.repository}`;
  if (defaultBranch !== undefined) return ok(NAME, `${name}, default branch ${defaultBranch}`);
  return warning(
    NAME,
    `${name}: git does not know the default branch, which decides on publication and the tag latest.`,
    'Run git remote set-head origin --auto, or give --default-branch, for example main, or a token.',
  );
}
