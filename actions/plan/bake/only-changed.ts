import { lstat, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { withoutCredentials } from '@tidegate/attest';
import {
  definitionChange,
  formatPlatform,
  type GitState,
  type Known,
  known,
  mapLimited,
  parseReference,
  type Reference,
  sharedChange,
  targetChange,
  unknown,
} from '@tidegate/core';
import { BaseTags, type History, historyAt, liveOrigin, type Services } from '@tidegate/pipeline';
import { eventAt, type Job, valueAt } from '@tidegate/runner';
import { dockerignore } from '@tidegate/source';
import { assertFilesCommitted } from '../../support/build/committed-files.ts';
import { checkoutsAround, ownCheckout } from '../../support/build/own-commit.ts';
import { registryOf } from '../../support/registry/registry.ts';
import type { PlannedTarget } from './planned-target.ts';

/** Whether a target is built, and why: the end of a sentence with "because". */
export interface Decision {
  readonly isBuilt: boolean;
  readonly why: string;
}

interface ChangeInputs {
  readonly 'only-changed': boolean;
  readonly token: string;
  readonly 'insecure-registries': readonly string[];
  /** Files of the repository that concern every target. */
  readonly shared: readonly string[];
}

/** Targets whose registries are read at once. */
const AT_ONCE = 8;

/**
 * Decides for each target whether it is built. A target is left out only if it is known that nothing changed:
 * - a pull request: since the common commit with its base;
 * - a push to a branch that publishes: since the commit of the published image, so that what an earlier run failed to
 *   publish is built again, if the bake files and their variables still say what it was built with, and no tag of a
 *   base image has moved since;
 * - a push to another branch: since the commit before the push.
 * Everything else is built: a git tag, a schedule, a dispatch, and whatever is not known.
 */
export async function decideTargets(
  targets: readonly PlannedTarget[],
  inputs: ChangeInputs,
  git: GitState,
  job: Job,
  services: Services,
): Promise<readonly Decision[]> {
  const all = (why: string): readonly Decision[] => targets.map(() => ({ isBuilt: true, why }));
  if (!inputs['only-changed']) return all('only-changed is off');
  const every = buildsEverything(git, job);
  if (every !== undefined) return all(every);
  const own = ownCheckout(await checkoutsAround(job.workspace, job), job);
  if (own?.top !== (await realpath(job.workspace))) return all('the workspace is not a checkout of this commit');
  const history = historyAt(own.top, services);
  const question: Question = { inputs, job, services, history, head: own.commit };
  if (git.event.kind === 'push' && targets[0]?.plan.publish) {
    const bases = new BaseTags((reference) => registryFor(reference, question), services);
    return mapLimited(targets, AT_ONCE, (target) => sinceLive(target, bases, question));
  }
  const from = await startOf(git, history, own.commit, job);
  const changed = from.known ? await history.changed(from.value, own.commit) : from;
  if (!changed.known) return all(changed.why);
  return mapLimited(targets, AT_ONCE, (target) => decisionOf(target, changed.value, question));
}

interface Question {
  readonly inputs: ChangeInputs;
  readonly job: Job;
  readonly services: Services;
  readonly history: History;
  readonly head: string;
}

function buildsEverything({ event, ref }: GitState, job: Job): string | undefined {
  if (event.kind === 'pull_request') return undefined;
  if (event.kind !== 'push') return `the event ${event.name} builds every target`;
  if (ref.kind !== 'branch') return 'a git tag builds every target';
  return valueAt(job.event, 'forced') === true ? 'the push replaced commits (forced)' : undefined;
}

async function startOf(git: GitState, history: History, head: string, job: Job): Promise<Known<string>> {
  if (git.event.kind !== 'pull_request') {
    const before = eventAt(job.event, 'before');
    return before === undefined ? unknown('the event names no commit to compare with') : known(before);
  }
  const base = eventAt(job.event, 'pull_request', 'base', 'sha');
  return base === undefined ? unknown('the event names no base commit') : history.mergeBase(head, base);
}

/** Every destination must have an image of the same sources and bases. */
async function sinceLive(target: PlannedTarget, bases: BaseTags, question: Question): Promise<Decision> {
  const { history, head, services } = question;
  let kept: Decision = { isBuilt: true, why: 'it has no repository' };
  for (const image of target.plan.images) {
    const live = await liveOrigin(registryFor(parseReference(image), question), target.plan.tags, services);
    if (!live.known) return { isBuilt: true, why: live.why };
    const { revision, materials, tag } = live.value;
    const isOlder = await history.contains(head, revision);
    if (!isOlder.known) return { isBuilt: true, why: isOlder.why };
    if (!isOlder.value)
      return { isBuilt: true, why: `the published image (${tag}) is of a commit outside of this history` };
    const changed = await history.changed(revision, head);
    if (!changed.known) return { isBuilt: true, why: changed.why };
    kept = await decisionOf(target, changed.value, question);
    if (kept.isBuilt) return kept;
    const platforms = target.plan.platforms.map(({ platform }) => formatPlatform(platform));
    const defined = definitionChange(withoutCredentials(target.build), platforms, live.value);
    if (defined !== undefined) return { isBuilt: true, why: defined };
    const moved = await bases.moved(materials);
    if (!moved.known) return { isBuilt: true, why: moved.why };
    if (moved.value !== undefined) return { isBuilt: true, why: `the base image ${moved.value} has moved` };
    kept = {
      isBuilt: false,
      why: `nothing changed since the published image (${tag}, commit ${revision.slice(0, 12)}), variables and base images included`,
    };
  }
  return kept;
}

async function decisionOf(
  { build }: PlannedTarget,
  changed: readonly string[],
  { inputs, job, services }: Question,
): Promise<Decision> {
  const shared = sharedChange(changed, inputs.shared);
  if (shared !== undefined) return { isBuilt: true, why: `${shared}, which concerns every target` };
  for (const path of [build.context, build.file, ...build.localContexts]) {
    const link = await linkIn(job.workspace, path);
    if (link !== undefined) return { isBuilt: true, why: `${link} is a symbolic link, whose files are not compared` };
  }
  const ignoreFiles = [`${build.file}.dockerignore`, join(build.context, '.dockerignore')];
  await assertFilesCommitted(
    [build.file, ...ignoreFiles].map((path) => join(job.workspace, path)),
    inputs.token,
    job,
    services,
  );
  const change = targetChange(build, changed, await ignoresOf(job.workspace, ignoreFiles));
  return change === undefined ? { isBuilt: false, why: 'none of its files changed' } : { isBuilt: true, why: change };
}

/** The first symbolic link among the folders of a path and the path itself. */
async function linkIn(top: string, path: string): Promise<string | undefined> {
  const parts = path === '.' ? [] : path.split('/');
  for (const at of parts.keys()) {
    const here = parts.slice(0, at + 1).join('/');
    const found = await lstat(join(top, here)).catch(() => undefined);
    if (found?.isSymbolicLink()) return here;
  }
  return undefined;
}

/** A Dockerfile may have its own .dockerignore, which then replaces the one of the context. */
async function ignoresOf(top: string, files: readonly string[]): Promise<(path: string) => boolean> {
  for (const file of files) {
    const text = await readFile(join(top, file), 'utf8').catch(() => undefined);
    if (text !== undefined) return dockerignore(text);
  }
  return () => false;
}

function registryFor(reference: Reference, { inputs, job }: Question) {
  const none = { 'registry-username': '', 'registry-password': '' };
  return registryOf(reference, { ...inputs, ...none }, job, 'pull');
}
