import type { Trust } from '@tidegate/attest';
import { mapEach, type OneOrMore, type Policy, TidegateError, together } from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import { assertStillLive } from '../baseline/still-live.ts';
import { assertDestinationAllowed, assertPassed, type Judged } from '../policy/gate.ts';
import type { Services } from '../services.ts';
import type { Target } from '../target.ts';
import { inEach } from './destinations.ts';
import { assertVersionTagsUnmoved, preflight, type TagsBefore } from './preflight.ts';
import { type PublishOptions, type PushReport, publish, pushBlobs } from './publish.ts';
import type { TaggedRepository } from './tags.ts';

/** Destinations of an image that passes the gate. All get the same tags. */
export interface PushDestination extends Pick<PublishOptions, 'beforeTags'> {
  readonly registries: OneOrMore<Registry>;
  /** Most specific first. */
  readonly tags: readonly string[];
  /** A version tag that points to another digest is not moved. */
  readonly immutableTags: boolean;
}

export interface Examination {
  /** Whether the layers may be uploaded: a secret that was in a registry for a minute is leaked. */
  readonly mayLeave: Promise<boolean>;
  /** Rejects when the image is rejected before all evidence exists. */
  readonly done: Promise<unknown>;
}

/** The work between the parts of a push. A service's signal is aborted when another part fails. */
export interface PushStages {
  /** Builds or opens the image, while the registry is checked. */
  readonly image: (services: Services) => Promise<Target>;
  /** Runs while blobs are sent. @param before the tags of the first destination */
  readonly examine: (target: Target, before: TagsBefore, services: Services) => Examination;
  /** The gate, over all evidence. A verdict that failed ends the push before any manifest is sent. */
  readonly judge: (target: Target) => Promise<Judged & { readonly trust: Trust }>;
}

/**
 * The order of every push: preflight, blobs, gate, manifests by digest, evidence, read back, `beforeTags`, tags. Several destinations
 * take each step side by side, and tags are set when all of them have read back. A failure before the tags sets none in
 * any destination.
 */
export async function push(
  destination: PushDestination,
  policy: Policy,
  stages: PushStages,
  services: Services,
): Promise<OneOrMore<PushReport>> {
  const { registries, tags, immutableTags, beforeTags } = destination;
  for (const registry of registries) assertDestinationAllowed(policy, registry);
  const [target, found] = await together<[Target, OneOrMore<TaggedRepository>]>(services.signal, (signal) => [
    stages.image({ ...services, signal }),
    inEach(
      mapEach(registries, (registry) => ({ registry })),
      { ...services, signal },
      async ({ registry }, inner) => ({
        registry,
        before: await preflight(registry, tags, inner),
      }),
    ),
  ]);
  const [reference] = found;
  const [deliveries] = await together(services.signal, (signal) => {
    const inner = { ...services, signal };
    const { mayLeave, done } = stages.examine(target, reference.before, inner);
    // Do not wait for it when an immutable tag already rejects the push.
    mayLeave.catch(() => {});
    const sent = async () => {
      if (immutableTags) {
        for (const { before, registry } of found) assertVersionTagsUnmoved(before, target.image.root.digest, registry);
      }
      if (!(await mayLeave)) return undefined;
      return inEach(found, inner, async (one, each) => ({
        ...one,
        blobs: await pushBlobs(target, one.registry, each),
      }));
    };
    return [sent(), done];
  });
  const { evidence, verdict, trust } = await stages.judge(target);
  assertPassed(verdict);
  assertStillLive(policy, evidence, target, found);
  if (!deliveries)
    throw new TidegateError('secret-in-layers', 'A secret was found in the layers. Nothing was uploaded.');
  return publish(target, deliveries, { tags, trust, beforeTags }, services);
}
