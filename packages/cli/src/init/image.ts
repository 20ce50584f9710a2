import { messageOf, parseReference, quoted } from '@tidegate/core';
import type { Flag } from '../flags/flags.ts';
import { wordingFor } from '../terminal/in-flags.ts';
import { usageError } from '../usage.ts';

/** `--image` of `init`, which is no action with inputs: errors of the parser name the input. */
export const IMAGE: Flag = {
  ...{ name: 'image', value: 'TEXT', input: 'image' },
  description: 'Repository to publish to. Default: ghcr.io/OWNER/NAME of the GitHub repository.',
};

const NEXT = 'Write for example ghcr.io/acme/app, in lower case and without a tag: the workflow sets the tags.';

/**
 * A workflow with a name that no registry accepts would fail in its first run.
 * @param text of `--image`, not empty
 * @throws TidegateError `command-line-invalid`
 */
export function assertRepository(text: string): void {
  const { tag, digest } = parsed(text);
  if (tag === undefined && digest === undefined) return;
  throw usageError(`--image: got ${quoted(text)}, which has a ${tag === undefined ? 'digest' : 'tag'}.`, NEXT);
}

function parsed(text: string): ReturnType<typeof parseReference> {
  try {
    return parseReference(text);
  } catch (error) {
    throw usageError(wordingFor([IMAGE])(messageOf(error)), NEXT);
  }
}
