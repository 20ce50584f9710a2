import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ANNOTATION_LEVELS,
  annotationPairs,
  annotationsAt,
  assertAnnotated,
  badInput,
  formatPlatform,
  hexOf,
  literalPairs,
  makePlan,
  type PlanMetadata,
  planMarkdown,
  planMetadata,
} from '@tidegate/core';
import { gitStateOf, type Inputs, type Job, type Outputs, outputLines } from '@tidegate/runner';
import { makeFolder } from '@tidegate/tools';
import { sourceDateEpoch } from '../support/build/origin.ts';
import { gitNeed, tagOptions } from '../support/plan-inputs.ts';
import { writeDocument } from '../support/policy/document.ts';
import { resolvedPolicy } from '../support/policy/policy.ts';
import { planFirst } from '../support/reports/announce-plan.ts';
import { assertBuildLint } from '../support/reports/lint.ts';
import { plannedSigning } from '../support/signing/planned-signing.ts';
import type { action } from './action.ts';

/** The reusable workflow has one output per platform for its digest, numbered 0 to 19. */
const MOST_PLATFORMS = 20;

/** Levels that are annotated when the platforms are joined. */
const INDEX_LEVELS = ANNOTATION_LEVELS.filter((level) => level !== 'manifest');
const atManifest = ([key, value]: readonly [string, string]) => [`manifest:${key}`, value] as const;

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  // Loaded only here: plans of one image are the usual case.
  if (inputs['bake-files'].length > 0) return (await import('./bake/plan-targets.ts')).planTargets(inputs, job);
  assertOneImage(inputs);
  const { git, policy, plan } = await planFirst(job, async (held) => {
    const [git, policy] = await Promise.all([
      gitStateOf(held, inputs.token, gitNeed(inputs.tags)),
      resolvedPolicy(inputs, held),
    ]);
    assertBuildLint(policy.sources, { lint: inputs.lint, 'lint-exclude': [] });
    const plan = makePlan(git, {
      images: inputs.image,
      platforms: inputs.platforms,
      ...tagOptions(inputs, job),
      latest: inputs.latest,
      publishBranches: inputs['publish-branches'],
      runners: inputs.runner,
      name: inputs.name,
      labels: { override: inputs.labels },
      annotations: inputs.annotations,
    });
    return { git, policy, plan };
  });
  if (plan.platforms.length > MOST_PLATFORMS) {
    throw badInput(
      'platform-invalid',
      'platforms',
      String(plan.platforms.length),
      `at most ${MOST_PLATFORMS} platforms`,
      'Split the image into several with fewer platforms.',
    );
  }
  assertAnnotated(
    plan.annotations,
    plan.platforms.map(({ platform }) => platform),
  );
  const platforms = plan.platforms.map((one) => formatPlatform(one.platform));
  // As in a build of one platform: there is no index unless an annotation needs one.
  const hasIndex = platforms.length > 1 || plan.annotations.wantsIndex;
  const tags = plan.tags.map((one) => one.tag);
  const [first] = plan.platforms;
  const signing = plan.publish ? await plannedSigning(inputs, policy.policy.require, job) : '';
  const metadata = planMetadata(plan, bakeTarget(inputs['bake-target']));
  const bakeFiles = await writeBakeFiles(metadata, job);
  // The summary comes after every check that can fail, so that a run that fails here never ends with "Will publish".
  await job.summarise(planMarkdown(job.redacted(plan)));
  return {
    publish: String(plan.publish),
    why: plan.why,
    image: plan.image,
    images: plan.images.join('\n'),
    platforms: platforms.join('\n'),
    tags: tags.join('\n'),
    'exact-tags': plan.tags.map(({ rule }) => rule).join('\n'),
    version: plan.version ?? '',
    labels: outputLines(Object.entries(plan.labels)),
    'exact-labels': outputLines(literalPairs(Object.entries(plan.labels))),
    annotations: outputLines(annotationPairs(plan.annotations)),
    'index-annotations': outputLines(hasIndex ? annotationPairs(plan.annotations, INDEX_LEVELS) : []),
    matrix: JSON.stringify({
      include: plan.platforms.map(({ platform, runner, artifact }, index) => ({
        index,
        platform: platforms[index],
        runner,
        artifact,
        annotations: outputLines(
          literalPairs(Object.entries(annotationsAt(plan.annotations, 'manifest', platform)).map(atManifest)),
        ),
      })),
    }),
    any: 'true',
    targets: '',
    'left-out': '',
    artifact: first ? first.artifact.slice(0, -`-${platforms[0]}`.length) : '',
    json: metadata.json,
    ...bakeFiles,
    signing,
    'policy-path': await writeDocument(policy, job),
    'policy-sha256': hexOf(policy.digest),
    compares: String(plan.publish && policy.policy.alreadyLive === 'report'),
    'source-date-epoch': String(sourceDateEpoch('', git) ?? ''),
  };
}

/** Inputs that say something about the targets of bake files only. */
const OF_BAKE_FILES = ['targets', 'only-changed', 'bake-vars', 'bake-secrets'] as const;

function assertOneImage(inputs: Inputs<typeof action>): void {
  const useless = OF_BAKE_FILES.find(
    (name) => inputs[name] === true || (inputs[name] !== false && inputs[name].length > 0),
  );
  if (useless !== undefined) {
    const expected = 'no value, because bake-files is not set';
    throw badInput('input-conflict', useless, String(inputs[useless]), expected, 'Set bake-files, or remove it.');
  }
  if (inputs.image.length > 0) return;
  const next = 'Set image in the with: block of this step, for example to ghcr.io/acme/app, or set bake-files.';
  throw badInput('input-missing', 'image', '', 'a value', next);
}

/** buildx, bake: names of targets. */
function bakeTarget(name: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(name)) return name;
  const expected = 'at most 64 letters, digits, dashes and underscores';
  throw badInput('input-format-wrong', 'bake-target', name, expected, 'Write for example docker-metadata-action.');
}

/** Under the names that docker/metadata-action gives them. */
async function writeBakeFiles(metadata: PlanMetadata, job: Job) {
  const folder = join(job.temp, 'tidegate', 'bake');
  await makeFolder(folder);
  const write = async (kind: string, text: string): Promise<string> => {
    const path = join(folder, `docker-metadata-action-bake${kind}.json`);
    await writeFile(path, text);
    return path;
  };
  return {
    'bake-file': await write('', metadata.bake),
    'bake-file-tags': await write('-tags', metadata.bakeTags),
    'bake-file-labels': await write('-labels', metadata.bakeLabels),
    'bake-file-annotations': await write('-annotations', metadata.bakeAnnotations),
  };
}
