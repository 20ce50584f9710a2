import { badInput } from '@tidegate/core';

interface LoginInputs {
  readonly images: readonly string[];
  readonly 'registry-username': string;
}

/**
 * A manifest or Dockerfile may name any registry, and the one that it names would receive the password. So the step has to say which
 * registry it is for: images of others are not requested.
 * @throws TidegateError `input-conflict`
 */
export function assertLoginBound({ images, 'registry-username': username }: LoginInputs): void {
  const hosts = new Set(images.map((pattern) => pattern.split('/', 1)[0] ?? ''));
  const [host = '*'] = hosts;
  if (username === '' || (hosts.size === 1 && !host.includes('*'))) return;
  throw badInput(
    'input-conflict',
    'registry-username',
    username,
    'no value, unless images names repositories of one registry: the files could name any other',
    'Set images, such as ghcr.io/acme/*, or log in with docker/login-action before this step.',
  );
}
