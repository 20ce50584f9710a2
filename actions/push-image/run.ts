import { formatPlatform, formatReference, makePlan, parseReference } from '@tidegate/core';
import {
  assertMayMove,
  assertOpen,
  beforeSigning,
  judge,
  missingContents,
  openTarget,
  type PushReport,
  platformDigests,
  preflight,
  publish,
  pushBlobs,
} from '@tidegate/pipeline';
import { gitStateOf, type Inputs, type Job, type Outputs } from '@tidegate/runner';
import { assertExpected } from '../support/expected-digest.ts';
import { trustOf } from '../support/key.ts';
import { existingLayout } from '../support/layout-folder.ts';
import { loadedPolicy } from '../support/policy.ts';
import { registryOf } from '../support/registry.ts';
import { reportPush } from '../support/report.ts';
import { NO_TOOLS, withServices } from '../support/services.ts';
import type { action } from './action.ts';

/** A step that says push means it, on whichever branch; a pull request never does. */
const ANY_BRANCH = ['**'];

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  const layout = await existingLayout(inputs, job);
  const target = await openTarget(layout);
  assertExpected(target, inputs['expected-digest']);
  const { digest } = target.image.root;
  const { policy } = await loadedPolicy(inputs, job);
  const plan = makePlan(await gitStateOf(job, inputs.token), {
    image: inputs.image,
    platforms: target.image.platforms.map((one) => formatPlatform(one.platform)),
    tags: inputs.tags,
    latest: inputs.latest,
    publishBranches: ANY_BRANCH,
    now: job.clock(),
  });
  for (const notice of plan.notices) job.log.notice(notice);
  const common = { layout, digest, platforms: JSON.stringify(platformDigests(target.image)) };
  const trust = await trustOf(inputs['verification-key'], layout, job);
  const tags = plan.tags.map((one) => one.tag);
  return withServices(job, NO_TOOLS, async (services) => {
    // A pull request has no key, so no signature: what is held there is what scan-image holds.
    const held = plan.publish ? policy : beforeSigning(policy);
    if (policy.contents) await missingContents(target, policy.contents, services);
    const { verdict } = await judge(
      target,
      held,
      trust,
      services,
      plan.publish ? parseReference(plan.image) : undefined,
    );
    try {
      assertOpen(verdict);
    } catch (error) {
      await reportPush({ target, policy, plan, trust, verdict }, job);
      throw error;
    }
    if (!plan.publish) {
      job.log.notice(plan.why);
      await reportPush({ target, policy, plan, trust, verdict }, job);
      return { ...common, published: 'false', reference: '', references: '[]', report: '' };
    }
    const registry = registryOf(parseReference(plan.image), inputs, job);
    const before = await preflight(registry, tags, services);
    if (inputs['immutable-tags']) assertMayMove(before, digest, registry);
    const blobs = await pushBlobs(target, registry, services);
    const pushed = await publish(target, registry, blobs, { tags, before, trust }, services);
    await reportPush({ target, policy, plan, trust, verdict, pushed }, job);
    return { ...common, ...pushOutputs(plan.image, pushed) };
  });
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
