import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { NO_PUBLISH_EVENT, TidegateError } from '@tidegate/core';
import { usageError } from '../usage.ts';
import type { LocalCheckout } from './checkout.ts';
import { parseRemote, type RemoteRepository } from './remote.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Flags that say what git cannot. */
export interface CommitChoice {
  readonly ref?: string | undefined;
  readonly repository?: string | undefined;
  readonly 'default-branch'?: string | undefined;
}

/**
 * The variables that a GitHub runner sets, from a local checkout. The same commit gives the same plan as a push of its
 * branch or tag.
 * @param isPublishing false: an event that never publishes
 * @throws TidegateError `commit-unknown` if git does not say which repository, branch or tag it is
 */
export function commitVariables(
  checkout: LocalCheckout,
  choice: CommitChoice,
  isPublishing: boolean,
): Readonly<Record<string, string>> {
  const { repository, serverUrl } = repositoryOf(checkout, choice);
  return {
    GITHUB_SHA: checkout.commit,
    GITHUB_REF: refOf(checkout, choice.ref),
    GITHUB_REPOSITORY: repository,
    GITHUB_SERVER_URL: serverUrl,
    GITHUB_EVENT_NAME: isPublishing ? 'push' : NO_PUBLISH_EVENT,
    GITHUB_WORKSPACE: checkout.top,
  };
}

function refOf({ branch, tags, commit }: LocalCheckout, ref: string | undefined): string {
  if (ref !== undefined) {
    if (!/^refs\/(heads|tags)\/./.test(ref)) {
      throw usageError(`--ref: got ${JSON.stringify(ref)}.`, 'Write refs/heads/BRANCH or refs/tags/TAG.');
    }
    // Otherwise one commit would be published under the tags of another. Only a detached HEAD has no branch to compare.
    const isOther = ref.startsWith('refs/tags/') ? !tags.includes(ref) : branch !== undefined && ref !== branch;
    if (isOther) throw commitUnknown(`${ref} is not checked out here.`, `Check it out: git switch --detach ${ref}.`);
    return ref;
  }
  const [tag, ...others] = tags;
  if (branch) return branch;
  if (tag && others.length === 0) return tag;
  throw commitUnknown(
    `HEAD is detached at ${commit}, which has ${tag ? `${tags.length} tags` : 'no tag'}.`,
    'Check out a branch or a tag, or say which it is with --ref refs/heads/BRANCH or --ref refs/tags/TAG.',
  );
}

function repositoryOf({ origin, defaultBranch }: LocalCheckout, choice: CommitChoice): RemoteRepository {
  const { repository } = choice;
  if (repository !== undefined) {
    const found = parseRemote(repository) ?? parseRemote(`https://github.com/${repository}`);
    if (found) return found;
    throw usageError(`--repository: got ${JSON.stringify(repository)}.`, 'Write OWNER/NAME or a URL.');
  }
  const found = origin === undefined ? undefined : parseRemote(origin);
  if (found) return found;
  throw commitUnknown(
    origin === undefined
      ? 'The checkout has no remote named origin.'
      : 'The remote origin is not a repository on a server.',
    (choice['default-branch'] ?? defaultBranch) === undefined
      ? 'Give --repository OWNER/NAME, which labels and provenance name, and --default-branch BRANCH.'
      : 'Give --repository OWNER/NAME: labels and provenance name it.',
  );
}

export function commitUnknown(message: string, next: string): TidegateError {
  return new TidegateError('commit-unknown', message, { next });
}

/**
 * Provenance says that the image was built from the commit. With other files in the work tree that would be false, so
 * nothing is published.
 * @param keyFile absolute path of the private key, if a flag names one
 * @throws TidegateError `work-tree-changed`
 */
export function assertUnchanged(checkout: LocalCheckout, keyFile?: string): void {
  if (checkout.changed.length === 0) return;
  const key = keyFile === undefined ? undefined : relative(checkout.top, keyFile);
  throw new TidegateError(
    'work-tree-changed',
    `${changedText(checkout)}: the image would not be built from that commit.`,
    {
      // Advice to commit everything would publish the private key.
      next:
        key !== undefined && checkout.changed.includes(key)
          ? `Move the private key ${key} out of the checkout, and give its new path with --key-file. Never commit it.`
          : 'Commit or stash the changes, add generated files to .gitignore, or give --no-publish to judge them only.',
    },
  );
}

/**
 * What uncommitted changes mean for a command. One that reads a layout or a published image takes only the policy from
 * the checkout.
 * @param policy path of the policy file, relative to the top of the checkout
 */
export function changeWarning(
  { commit }: { readonly commit: 'needed' | 'used' | 'folder' | 'none' },
  checkout: LocalCheckout,
  policy: string,
): string | undefined {
  if (commit === 'needed') return `${changedText(checkout)}; ship and push refuse uncommitted changes.`;
  // git names a folder in place of its files if it tracks none of them.
  const isChanged = checkout.changed.some((path) => path === policy || (path.endsWith('/') && policy.startsWith(path)));
  if (commit !== 'used' || !isChanged) return undefined;
  return `${changedText({ ...checkout, changed: [policy] })}, whose policy applies.`;
}

/** `a.txt, b.txt differ from commit 0123456789ab` */
function changedText({ changed, commit }: Pick<LocalCheckout, 'changed' | 'commit'>): string {
  const shown = changed.slice(0, 3).join(', ');
  const more = changed.length > 3 ? ` and ${changed.length - 3} more` : '';
  return `${shown}${more} ${changed.length === 1 ? 'differs' : 'differ'} from commit ${commit.slice(0, 12)}`;
}

/**
 * The folder for layouts, reports and the summary of a checkout: commands that follow each other find each other's
 * results there. Short, because sockets are in it.
 */
export async function workFolder(top: string, env: Variables): Promise<string> {
  const name = createHash('sha256').update(top).digest('hex').slice(0, 10);
  const home = env.HOME && isAbsolute(env.HOME) ? env.HOME : homedir();
  const cache = env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : join(home, '.cache');
  const folder = isAbsolute(cache) ? join(cache, 'tidegate', 'work', name) : join(tmpdir(), `tidegate-${name}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** The event that a runner would describe in a file. */
export async function writeEvent(work: string, defaultBranch: string | undefined): Promise<string> {
  const file = join(work, 'event.json');
  await writeFile(file, JSON.stringify(defaultBranch ? { repository: { default_branch: defaultBranch } } : {}));
  return file;
}

/** A new build replaces the layout, SBOMs and reports of the last one in this checkout. */
export async function clearImage(work: string, name: string): Promise<void> {
  await rm(join(work, 'tidegate', name || 'image'), { recursive: true, force: true });
}
