import type { GitState } from '@tidegate/core';
import type { CacheEntry } from '@tidegate/pipeline';
import { buildsTrustedCode } from './cache-scope.ts';

/**
 * Releases read what other runs have written, so a run of possibly untrusted code writes no cache that a release reads.
 * GitHub keeps its own caches apart by ref: a run for `refs/pull/…/merge` writes where only that pull request reads.
 * All other caches are shared by all runs. `pull_request_target`, `workflow_run` and the like run on the default
 * branch, whose caches every run reads.
 * @param token for GitHub's cache service, if there is one
 * @returns the reason if the run may not write, otherwise undefined
 */
export function mayNotWrite({ type }: CacheEntry, git: GitState, token: string): string | undefined {
  const { event, ref } = git;
  if (type === 'inline') return undefined;
  if (!buildsTrustedCode(git) && !(type === 'gha' && ref.kind === 'pull')) {
    return `releases read it, and ${event.name} may run the code of a pull request`;
  }
  return type === 'gha' && isReadOnly(token) ? "the runner's token may only read caches" : undefined;
}

/** Bit of a scope's permission in the token's claim `ac` (tonistiigi/go-actions-cache, cache.go). */
const WRITE = 2;

/** False if the token cannot be parsed: BuildKit then reports the failure itself. */
function isReadOnly(token: string): boolean {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as { ac?: unknown };
    const scopes = JSON.parse(String(claims.ac)) as readonly { readonly Permission?: number }[];
    return scopes.every(({ Permission = 0 }) => (Permission & WRITE) === 0);
  } catch {
    return false;
  }
}
