import type { AllowLists } from '../policy.ts';
import type { Repository } from '../reference/reference.ts';
import { glob } from '../text/glob.ts';

/** Whether every list has an entry that matches. Without a list everything is allowed; an empty list allows nothing. */
export function allowedByAll(lists: AllowLists, allows: (entry: string) => boolean): boolean {
  return lists.every((list) => list.some(allows));
}

/** `docker.io/library/debian` against `docker.io/library/*`, `gcr.io/distroless/**`: `*` does not match `/`. */
export function repositoryAllowed(lists: AllowLists, { registry, repository }: Repository): boolean {
  return allowedByAll(lists, (pattern) => glob(pattern)(`${registry}/${repository}`));
}
