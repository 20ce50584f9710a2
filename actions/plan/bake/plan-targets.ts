import {
  badInput,
  bakeTargets,
  type CacheAttributes,
  formatPlatform,
  makePlan,
  type Plan,
  type TargetBuild,
  TidegateError,
  targetsMarkdown,
} from '@tidegate/core';
import { formatCacheEntry, printBake } from '@tidegate/pipeline';
import { gitStateOf, type Inputs, type Job, type Outputs, outputLines } from '@tidegate/runner';
import { gitNeed, tagOptions } from '../../support/plan-inputs.ts';
import { planFirst } from '../../support/reports/announce-plan.ts';
import { withServices } from '../../support/services.ts';
import { action } from '../action.ts';
import { assertTargetNames, assertVariables, readBakeFiles } from './bake-files.ts';
import { decideTargets } from './only-changed.ts';
import type { PlannedTarget } from './planned-target.ts';

/** Inputs that have a meaning here. The others describe one image: they belong to the call of the workflow. */
const USED: ReadonlySet<string> = new Set([
  ...[
    'image',
    'bake-files',
    'targets',
    'only-changed',
    'bake-vars',
    'bake-secrets',
    'platforms',
    'tools',
    'tools-mirror',
  ],
  ...['tags', 'flavor', 'latest', 'publish-branches', 'policy', 'token', 'insecure-registries'],
]);

/** GitHub, "Usage limits": the outputs of a job have at most 1 MB. Bytes, with room for the other outputs. */
const LONGEST_MATRIX = 900_000;

/** Plan every target of the bake files as an image of its own: a matrix of calls of the reusable workflow. */
export async function planTargets(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  assertUsed(inputs);
  assertTargetNames(inputs.targets);
  // Versions of buildx read bake files differently: the pinned one makes the same plan on every runner.
  const toolsOfPlan = { ...inputs, allowed: 'pinned' } as const;
  const { publish, why, targets, decisions } = await withServices(job, toolsOfPlan, async (services) => {
    const { files, paths } = await readBakeFiles(inputs['bake-files'], inputs.token, job, services);
    assertVariables(inputs['bake-vars'], files);
    const printed = await printBake({ files, targets: inputs.targets, variables: inputs['bake-vars'] }, services);
    const builds = bakeTargets(printed, { prefixes: inputs.image, secrets: inputs['bake-secrets'] });
    const { git, plan, targets } = await planFirst(job, async (held) => {
      const git = await gitStateOf(held, inputs.token, gitNeed(inputs.tags));
      const planned: readonly PlannedTarget[] = builds.map((build) => ({ build, plan: planOf(build) }));
      const [first] = planned;
      if (!first) throw new TidegateError('bake-definition-invalid', 'The bake files have no target to build.');
      return { git, targets: planned, plan: first.plan };

      function planOf(build: TargetBuild): Plan {
        return makePlan(git, {
          images: build.images,
          platforms: build.platforms.length > 0 ? build.platforms : inputs.platforms,
          ...tagOptions(inputs, job),
          latest: inputs.latest,
          publishBranches: inputs['publish-branches'],
        });
      }
    });
    for (const { build } of targets)
      for (const notice of build.notices) job.log.notice(`Target ${build.name}: ${notice}.`);
    const shared = inputs.policy === '' ? paths : [...paths, inputs.policy];
    const decisions = await decideTargets(targets, { ...inputs, shared }, git, job, services);
    return { publish: plan.publish, why: plan.why, targets, decisions };
  });
  const decided = targets.map(({ build, plan }, at) => ({
    ...(decisions[at] ?? { isBuilt: true, why: '' }),
    name: build.name,
    images: plan.images,
    plan,
    build,
  }));
  for (const { name, isBuilt, why } of decided) {
    job.log.info(`Target ${name}: ${isBuilt ? 'built' : 'left out'}, because ${why}.`);
  }
  const built = decided.filter(({ isBuilt }) => isBuilt);
  const matrix = JSON.stringify({ include: built.map(({ build, plan }, leg) => matrixEntry(build, plan, leg)) });
  if (Buffer.byteLength(matrix) > LONGEST_MATRIX) {
    throw new TidegateError(
      'bake-definition-invalid',
      `The matrix of ${built.length} targets has more than ${LONGEST_MATRIX} bytes, and the outputs of a job at most 1 MB.`,
      { next: 'Name fewer targets in the input targets, or move long build-args and labels to the Dockerfiles.' },
    );
  }
  await job.summarise(targetsMarkdown(job.redacted(decided), why));
  return {
    ...NOT_OF_TARGETS,
    publish: String(publish),
    why,
    matrix,
    any: String(built.length > 0),
    targets: built.map(({ name }) => name).join('\n'),
    'left-out': decided.flatMap(({ name, isBuilt }) => (isBuilt ? [] : [name])).join('\n'),
  };
}

/** Outputs about one image. The reusable workflow makes them for each target. */
const NOT_OF_TARGETS = {
  image: '',
  images: '',
  platforms: '',
  tags: '',
  'exact-tags': '',
  version: '',
  labels: '',
  'exact-labels': '',
  annotations: '',
  'index-annotations': '',
  artifact: '',
  json: '',
  'bake-file': '',
  'bake-file-tags': '',
  'bake-file-labels': '',
  'bake-file-annotations': '',
  signing: '',
  'policy-path': '',
  'policy-sha256': '',
  compares: '',
  'source-date-epoch': '',
} as const;

/** Names are those of the reusable workflow's inputs, except `name`. */
function matrixEntry(build: TargetBuild, plan: Plan, leg: number): object {
  const caches = (entries: readonly CacheAttributes[]) =>
    entries.map(({ type = '', ...attributes }) => formatCacheEntry({ type, attributes })).join('\n');
  return {
    leg,
    name: build.name,
    image: plan.images.join('\n'),
    context: build.context,
    file: build.file,
    target: build.stage,
    platforms: plan.platforms.map(({ platform }) => formatPlatform(platform)).join('\n'),
    'build-args': outputLines(build.buildArgs),
    'build-contexts': outputLines(build.buildContexts),
    labels: outputLines(build.labels),
    annotations: outputLines(build.annotations),
    'cache-from': caches(build.cacheFrom),
    'cache-to': caches(build.cacheTo),
    'no-cache': build.noCache,
    'no-cache-filters': build.noCacheFilters.join('\n'),
    pull: build.pull,
    network: build.network,
    allow: build.allow.join('\n'),
    'add-hosts': build.addHosts.join('\n'),
    ulimit: build.ulimits.join('\n'),
    'shm-size': build.shmSize,
  };
}

/** @throws TidegateError `bad-input` for an input that has no effect on a matrix of targets */
function assertUsed(inputs: Inputs<typeof action>): void {
  for (const [name, spec] of Object.entries(action.inputs)) {
    if (USED.has(name)) continue;
    const value: unknown = inputs[name as keyof typeof inputs];
    const given = value === undefined || (Array.isArray(value) && value.length === 0) ? '' : String(value);
    const usual: string = 'default' in spec ? spec.default : '';
    if (given === usual) continue;
    const expected = 'no value, because bake-files plans several images';
    throw badInput('input-conflict', name, given, expected, `Set ${name} where you call the reusable workflow.`);
  }
}
