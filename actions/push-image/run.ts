import {
  formatPlatform,
  formatReference,
  makePlan,
  type Policy,
  parseReference,
  type Repository,
  type Verdict,
} from '@tidegate/core';
import {
  assertPassed,
  beforeSigning,
  type Judged,
  judge,
  missingContents,
  namesNoDestination,
  openTarget,
  type PushReport,
  type PushStages,
  platformDigests,
  push,
} from '@tidegate/pipeline';
import { gitStateOf, type Inputs, type Job, type Outputs } from '@tidegate/runner';
import { existingLayout } from '../support/layout-folder.ts';
import { loadedPolicy } from '../support/policy/policy.ts';
import { assertExpected } from '../support/registry/expected-digest.ts';
import { registryOf } from '../support/registry/registry.ts';
import { planFirst } from '../support/reports/announce-plan.ts';
import { reportPush } from '../support/reports/report.ts';
import { NO_TOOLS, withServices } from '../support/services.ts';
import { trustOf } from '../support/signing/key.ts';
import type { action } from './action.ts';

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  const layout = await existingLayout(inputs, job);
  const target = await openTarget(layout);
  assertExpected(target, inputs['expected-digest']);
  const { digest } = target.image.root;
  const { plan } = await planFirst(job, async (held) => ({
    plan: makePlan(await gitStateOf(held, inputs.token), {
      image: inputs.image,
      platforms: target.image.platforms.map((one) => formatPlatform(one.platform)),
      tags: inputs.tags,
      latest: inputs.latest,
      publishBranches: inputs['publish-branches'],
      now: job.clock(),
    }),
  }));
  const { policy } = await loadedPolicy(inputs, job);
  const common = { layout, digest, platforms: JSON.stringify(platformDigests(target.image)) };
  const trust = await trustOf(inputs['verification-key'], layout, job);
  const tags = plan.tags.map((one) => one.tag);
  return withServices(job, NO_TOOLS, async (services) => {
    let seen: Verdict | undefined;
    let undirected = false;
    const judged = async (held: Policy, destination?: Repository): Promise<Judged> => {
      if (held.contents) await missingContents(target, held.contents, services);
      const done = await judge(target, held, trust, services, destination);
      seen = done.verdict;
      undirected = namesNoDestination(done);
      return done;
    };
    const reported = async (pushed?: PushReport) => {
      if (seen) await reportPush({ target, policy, plan, trust, verdict: seen, pushed }, job);
    };
    try {
      if (!plan.publish) {
        // Without a push there may be no key and so no signature: require the same as scan-image does.
        assertPassed((await judged(beforeSigning(policy))).verdict);
        await reported();
        return { ...common, published: 'false', reference: '', references: '[]', report: '' };
      }
      const registry = registryOf(parseReference(plan.image), inputs, job);
      const destination = { registry, tags, immutableTags: inputs['immutable-tags'] };
      // All evidence exists already, so a failed verdict ends the push before the first blob is uploaded.
      const stages: PushStages = {
        image: async () => target,
        examine: () => {
          const done = judged(policy, registry).then(({ verdict }) => assertPassed(verdict));
          return { mayLeave: done.then(() => true), done };
        },
        judge: async () => ({ ...(await judged(policy, registry)), trust }),
      };
      const pushed = await push(destination, policy, stages, services);
      if (undirected) {
        job.log.warning(
          `The verdict names no repository, so verify-image and cluster policies will reject this image. → Set the input destination of scan-image to ${plan.image}.`,
        );
      }
      await reported(pushed);
      announcePublished(plan.image, pushed, job);
      return { ...common, ...pushOutputs(plan.image, pushed) };
    } catch (error) {
      if (seen && !seen.passed) await reported();
      throw error;
    }
  });
}

/** The reference that others pull, where a reader of the run sees it first. */
export function announcePublished(image: string, pushed: PushReport, job: Pick<Job, 'log'>): void {
  const tags = pushed.tags.map(({ tag }) => tag);
  const named = tags.length === 0 ? 'no tags' : `tags ${tags.join(', ')}`;
  job.log.notice(`${pushOutputs(image, pushed).reference}, ${named}`, { title: 'Published' });
}

export function pushOutputs(image: string, pushed: PushReport) {
  const repository = parseReference(image);
  const by = (part: { tag: string } | { digest: PushReport['digest'] }) => formatReference({ ...repository, ...part });
  return {
    published: 'true',
    reference: by({ digest: pushed.digest }),
    references: JSON.stringify(pushed.tags.map(({ tag }) => by({ tag }))),
    report: JSON.stringify(pushed),
  };
}
