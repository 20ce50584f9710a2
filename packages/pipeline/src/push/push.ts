import type { Trust } from '@tidegate/attest';
import { type Policy, TidegateError, together } from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import { assertStillLive } from '../baseline/baseline.ts';
import { assertDestinationAllowed, assertPassed, type Judged } from '../policy/gate.ts';
import type { Services } from '../services.ts';
import type { Target } from '../target.ts';
import { assertVersionTagsUnmoved, preflight, type TagsBefore } from './preflight.ts';
import { type PushReport, publish, pushBlobs } from './publish.ts';

/** Destination of an image that passes the gate. */
export interface PushDestination {
  readonly registry: Registry;
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
  /** Runs while blobs are sent. */
  readonly examine: (target: Target, before: TagsBefore, services: Services) => Examination;
  /** The gate, over all evidence. A verdict that failed ends the push before any manifest is sent. */
  readonly judge: (target: Target) => Promise<Judged & { readonly trust: Trust }>;
}

/**
 * The order of every push: preflight, blobs, gate, manifests by digest, evidence, read back, tags. A failure before the
 * tags sets none.
 */
export async function push(
  destination: PushDestination,
  policy: Policy,
  stages: PushStages,
  services: Services,
): Promise<PushReport> {
  const { registry, tags, immutableTags } = destination;
  assertDestinationAllowed(policy, registry);
  const [target, before] = await together<[Target, TagsBefore]>(services.signal, (signal) => [
    stages.image({ ...services, signal }),
    preflight(registry, tags, { signal }),
  ]);
  const [blobs] = await together(services.signal, (signal) => {
    const inner = { ...services, signal };
    const { mayLeave, done } = stages.examine(target, before, inner);
    // Do not wait for it when an immutable tag already rejects the push.
    mayLeave.catch(() => {});
    const sent = async () => {
      if (immutableTags) assertVersionTagsUnmoved(before, target.image.root.digest, registry);
      return (await mayLeave) ? pushBlobs(target, registry, inner) : undefined;
    };
    return [sent(), done];
  });
  const { evidence, verdict, trust } = await stages.judge(target);
  assertPassed(verdict);
  assertStillLive(policy, evidence, target, { registry, before });
  if (!blobs) throw new TidegateError('secret-in-layers', 'A secret was found in the layers. Nothing was uploaded.');
  return publish(target, registry, blobs, { tags, before, trust }, services);
}
