import { badInput } from '../error.ts';

/** `owner/name` on GitHub or a forge with its API, parsed. */
export interface RepositoryName {
  readonly owner: string;
  readonly name: string;
}

/**
 * One part of `owner/name`. GitHub's owners contain letters, digits and dashes, and an underscore for Enterprise
 * Managed Users (`ada_acme`); those of Forgejo and Gitea may also contain dots and underscores. Repositories may
 * contain all of these. `.` and `..` would change the path of a URL. For use inside other expressions: it has no groups
 * and no anchors.
 */
const PART = String.raw`(?!\.{1,2}(?![A-Za-z0-9._-]))[A-Za-z0-9._-]{1,100}`;

/** Source of the regular expression that every parser of `owner/name` uses. */
export const REPOSITORY_NAME = `${PART}/${PART}`;

const WHOLE = new RegExp(`^(${PART})/(${PART})$`);

export function isRepositoryName(text: string): boolean {
  return WHOLE.test(text);
}

/** @throws TidegateError `bad-input` naming `input` for anything but `owner/name`. */
export function parseRepositoryName(text: string, input: string): RepositoryName {
  const [, owner, name] = WHOLE.exec(text) ?? [];
  if (owner === undefined || name === undefined) {
    throw badInput('input-format-wrong', input, text, 'owner/repository', 'Write for example acme/app.');
  }
  return { owner, name };
}
