import {
  ANNOTATION_LEVELS,
  annotationPairs,
  annotationsAt,
  assertAnnotated,
  badInput,
  formatPlatform,
  hexOf,
  makePlan,
  planMarkdown,
} from '@tidegate/core';
import { gitStateOf, type Inputs, type Job, type Outputs, outputLines } from '@tidegate/runner';
import { sourceDateEpoch } from '../support/build/origin.ts';
import { writeDocument } from '../support/policy/document.ts';
import { resolvedPolicy } from '../support/policy/policy.ts';
import { planFirst } from '../support/reports/announce-plan.ts';
import { assertBuildLint } from '../support/reports/lint.ts';
import { plannedSigning } from '../support/signing/planned-signing.ts';
import type { action } from './action.ts';

/** The reusable workflow has one output per platform for its digest, numbered 0 to 9. */
const MOST_PLATFORMS = 10;

/** Levels that are annotated when the platforms are joined. */
const INDEX_LEVELS = ANNOTATION_LEVELS.filter((level) => level !== 'manifest');
const atManifest = ([key, value]: readonly [string, string]) => [`manifest:${key}`, value] as const;

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  const { git, policy, plan } = await planFirst(job, async (held) => {
    const [git, policy] = await Promise.all([gitStateOf(held, inputs.token), resolvedPolicy(inputs, held)]);
    assertBuildLint(policy.sources, { lint: inputs.lint, 'lint-exclude': [] });
    const plan = makePlan(git, {
      image: inputs.image,
      platforms: inputs.platforms,
      tags: inputs.tags,
      latest: inputs.latest,
      publishBranches: inputs['publish-branches'],
      runner: inputs.runner || undefined,
      name: inputs.name,
      labels: { override: inputs.labels },
      annotations: inputs.annotations,
      now: job.clock(),
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
  // The summary comes after every check that can fail, so that a run that fails here never ends with "Published".
  await job.summarise(planMarkdown(job.redacted(plan)));
  return {
    publish: String(plan.publish),
    why: plan.why,
    image: plan.image,
    platforms: platforms.join('\n'),
    tags: tags.join('\n'),
    'exact-tags': plan.tags.map(({ rule }) => rule).join('\n'),
    version: plan.version ?? '',
    labels: outputLines(Object.entries(plan.labels)),
    annotations: outputLines(annotationPairs(plan.annotations)),
    'index-annotations': outputLines(hasIndex ? annotationPairs(plan.annotations, INDEX_LEVELS) : []),
    matrix: JSON.stringify({
      include: plan.platforms.map(({ platform, runner, artifact }, index) => ({
        index,
        platform: platforms[index],
        runner,
        artifact,
        annotations: outputLines(Object.entries(annotationsAt(plan.annotations, 'manifest', platform)).map(atManifest)),
      })),
    }),
    artifact: first ? first.artifact.slice(0, -`-${platforms[0]}`.length) : '',
    signing,
    'policy-path': await writeDocument(policy, job),
    'policy-sha256': hexOf(policy.digest),
    compares: String(plan.publish && policy.policy.alreadyLive === 'report'),
    'source-date-epoch': String(sourceDateEpoch('', git) ?? ''),
  };
}
