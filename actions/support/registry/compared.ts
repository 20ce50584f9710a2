import {
  formatReference,
  type GitState,
  type Log,
  makePlan,
  mapEach,
  messageOf,
  type OneOrMore,
  type Repository,
  tagOfName,
} from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import { type ComparedImage, type LiveImage, readBase, type Services, type Target } from '@tidegate/pipeline';
import { gitStateOf, type Job } from '@tidegate/runner';
import { ANY_BRANCH } from '../baseline.ts';
import { tagOptions } from '../plan-inputs.ts';
import { type DestinationInputs, destinationsOf, withoutIncompleteLogin } from './destinations.ts';

/**
 * The image of the branch that a pull request changes, which the reports compare with. Only the comparison needs it.
 * @returns undefined for another event
 */
export function baseImage(
  git: Pick<GitState, 'event' | 'defaultBranch'>,
  job: Job,
  registry: () => Registry,
): ComparedImage | undefined {
  if (git.event.kind !== 'pull_request') return undefined;
  return { registry: registry(), tags: [tagOfName(job.env.GITHUB_BASE_REF || git.defaultBranch), 'latest'] };
}

interface ComparedInputs extends DestinationInputs {
  readonly tags: readonly string[];
  readonly flavor: readonly string[];
  readonly latest: 'auto' | 'true' | 'false';
}

/**
 * The live image that a scanned layout is compared with: of a pull request, that of its base branch; otherwise the first
 * tag of this run that exists. The step may have no access to the registry, by design: then the log says so, and nothing
 * else changes.
 */
export async function liveImage(
  target: Target,
  destinations: OneOrMore<Repository>,
  inputs: ComparedInputs,
  job: Job,
  services: Services,
): Promise<LiveImage | undefined> {
  const log = withoutNotices(services.log);
  const images = mapEach(destinations, formatReference);
  const [image] = images;
  try {
    const git = await gitStateOf({ ...job, log }, inputs.token);
    const compared =
      baseImage(git, job, () => readableRegistry(images, inputs, job)) ?? publishedImage(git, images, inputs, job);
    return compared && (await readBase(target, compared, { ...services, log }));
  } catch (error) {
    if (services.signal.aborted) throw services.signal.reason;
    log.info(`Changes against ${image} are unknown: ${messageOf(error)}`);
    return undefined;
  }
}

function publishedImage(
  git: GitState,
  images: OneOrMore<string>,
  inputs: ComparedInputs,
  job: Job,
): ComparedImage | undefined {
  const { publish, tags } = makePlan(git, {
    ...tagOptions(inputs, job),
    ...{ images, platforms: ['linux/amd64'], latest: inputs.latest, publishBranches: ANY_BRANCH },
  });
  return publish ? { registry: readableRegistry(images, inputs, job), tags: tags.map(({ tag }) => tag) } : undefined;
}

/** The first destination. */
function readableRegistry(images: OneOrMore<string>, inputs: DestinationInputs, job: Job): Registry {
  return destinationsOf(images, withoutIncompleteLogin(inputs), job, undefined, 'pull')[0];
}

function withoutNotices(log: Log): Log {
  return { ...log, notice: (message) => log.info(message), warning: (message) => log.info(message) };
}
