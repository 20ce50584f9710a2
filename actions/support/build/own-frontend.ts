import { badInput } from '@tidegate/core';
import { foreignFrontendArgument } from '@tidegate/source';

/** The source rules read which program builds the image where the Dockerfile says so, and there alone. */
export function assertOwnFrontend(buildArgs: readonly (readonly [string, string])[]): void {
  const foreign = foreignFrontendArgument(buildArgs);
  if (foreign === undefined) return;
  throw badInput(
    'foreign-frontend',
    'build-args',
    `BUILDKIT_SYNTAX=${foreign}`,
    'docker/dockerfile or docker/dockerfile-upstream as BUILDKIT_SYNTAX',
    'Name the program with # syntax= in the Dockerfile, where the source rules read it (foreign-frontend).',
  );
}
