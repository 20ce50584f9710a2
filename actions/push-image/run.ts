import { formatPlatform, makePlan, type OneOrMore, type Repository, type Verdict } from '@tidegate/core';
import {
  assertPassed,
  type Judged,
  judge,
  judgeBeforeSigning,
  missingContents,
  namesNoDestination,
  type OwnEvidence,
  openTarget,
  type PushReport,
  type PushStages,
  platformDigests,
  push,
  readOwnAt,
  removeSuperseded,
  trustsNone,
} from '@tidegate/pipeline';
import { gitStateOf, type Inputs, type Job, type Outputs } from '@tidegate/runner';
import { keepScansOf } from '../support/keep-scans.ts';
import { existingLayout } from '../support/layout-folder.ts';
import { gitNeed, tagOptions } from '../support/plan-inputs.ts';
import { loadedPolicy } from '../support/policy/policy.ts';
import { destinationsOf } from '../support/registry/destinations.ts';
import { assertExpected, assertExpectedLayout } from '../support/registry/expected-digest.ts';
import { assertKeyless, attestationsOnGitHub } from '../support/registry/github-attestations.ts';
import { announcePublished, NOT_PUSHED, pushOutputs } from '../support/registry/published.ts';
import { planFirst } from '../support/reports/announce-plan.ts';
import { reportPush } from '../support/reports/report.ts';
import { NO_TOOLS, withServices } from '../support/services.ts';
import { trustOf } from '../support/signing/key.ts';
import type { action } from './action.ts';

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  const layout = await existingLayout(inputs, job);
  const target = await openTarget(layout);
  assertExpected(target, inputs['expected-digest']);
  await assertExpectedLayout(target, inputs['expected-layout-digest']);
  const { digest } = target.image.root;
  const { plan } = await planFirst(job, async (held) => ({
    plan: makePlan(await gitStateOf(held, inputs.token, gitNeed(inputs.tags)), {
      images: inputs.image,
      platforms: target.image.platforms.map((one) => formatPlatform(one.platform)),
      ...tagOptions(inputs, job),
      latest: inputs.latest,
      publishBranches: inputs['publish-branches'],
    }),
  }));
  const keep = keepScansOf(inputs);
  const { policy } = await loadedPolicy(inputs, job);
  const common = { layout, digest, platforms: JSON.stringify(platformDigests(target.image)) };
  const trust = await trustOf(inputs['verification-key'], layout, job);
  const tags = plan.tags.map((one) => one.tag);
  return withServices(job, NO_TOOLS, async (services) => {
    let seen: Verdict | undefined;
    let undirected = false;
    let own: readonly OwnEvidence[] = [];
    const judged = async (by: typeof judge, destinations?: readonly Repository[]): Promise<Judged> => {
      if (policy.contents) await missingContents(target, policy.contents, services);
      const done = await by(target, policy, trust, services, destinations);
      seen = done.verdict;
      undirected = namesNoDestination(done);
      return done;
    };
    const reported = async (pushed?: OneOrMore<PushReport>) => {
      if (seen) await reportPush({ target, policy, plan, trust, verdict: seen, pushed }, job);
    };
    try {
      if (!plan.publish) {
        // Without a push there may be no key and so no signature: require the same as scan-image does.
        assertPassed((await judged(judgeBeforeSigning)).verdict);
        await reported();
        return { ...common, ...NOT_PUSHED };
      }
      const registries = destinationsOf(plan.images, inputs, job);
      assertKeyless(inputs, trust);
      const beforeTags = attestationsOnGitHub(inputs, job);
      const destination = { registries, tags, immutableTags: inputs['immutable-tags'], beforeTags };
      // All evidence exists already, so a failed verdict ends the push before the first blob is uploaded.
      const stages: PushStages = {
        image: async () => target,
        examine: () => {
          const done = judged(judge, registries).then(({ verdict }) => assertPassed(verdict));
          return { mayLeave: done.then(() => true), done };
        },
        judge: async () => {
          if (!trustsNone(trust)) own = await readOwnAt(registries, target.image, trust, services);
          return { ...(await judged(judge, registries)), trust };
        },
      };
      const pushed = await push(destination, policy, stages, services);
      for (const { registry, facts } of own) await removeSuperseded(target, registry, { facts, keep }, services);
      if (undirected) {
        job.log.warning(
          `The verdict names no repository, so verify-image and cluster policies will reject this image. → Set the input destination of scan-image to ${plan.images.join(', ')}.`,
        );
      }
      await reported(pushed);
      announcePublished(plan.images, pushed, job);
      return { ...common, ...pushOutputs(plan.images, pushed) };
    } catch (error) {
      if (seen && !seen.passed) await reported();
      throw error;
    }
  });
}
