import { type Digest, isUnanswered, messageOf, parseReference, TidegateError } from '@tidegate/core';
import { eachConcurrently } from '@tidegate/oci';
import { Lane } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { registryPool } from '../support/registry/image-list.ts';
import type { RegistryInputs } from '../support/registry/registry.ts';
import { type Demands, reasonsOf, verifyAt } from '../verify-image/verify-one.ts';

/** The result for a reference in a manifest. */
export interface Judged {
  /**
   * `pinned`: the digest is written, verified, and what its tag points to. `unpinned`: no digest is written. `moved`: the
   * tag points to another digest. `refused`: verification failed, or the image could not be read.
   */
  readonly state: 'pinned' | 'unpinned' | 'moved' | 'refused';
  /** The digest that was verified, or would be. */
  readonly digest?: Digest | undefined;
  readonly why: string;
  /** The error, if the image could not be judged because a registry did not answer. */
  readonly cause?: TidegateError | undefined;
}

const MOST_AT_ONCE = 8;

/**
 * Resolve and verify each reference once. Before a pin, the digest that the tag points to is verified; in a check, the
 * one that is written.
 */
export async function judgeImages(
  images: readonly string[],
  check: boolean,
  demands: Demands,
  inputs: RegistryInputs,
  job: Job,
): Promise<ReadonlyMap<string, Judged>> {
  const pool = registryPool(inputs, job, 'pull');
  const shared: Demands = { ...demands, lane: new Lane() };
  const judged = new Map<string, Judged>();
  const atOnce = () => Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(pool.concurrency / 2)));
  try {
    await eachConcurrently([...new Set(images)], atOnce, job.signal, async (image, signal) => {
      judged.set(image, await judge(image, check, pool, shared, { ...job, signal }));
    });
  } finally {
    pool.close();
  }
  return judged;
}

async function judge(
  image: string,
  check: boolean,
  pool: ReturnType<typeof registryPool>,
  demands: Demands,
  job: Job,
): Promise<Judged> {
  try {
    const reference = parseReference(image, 'files');
    const { tag, digest: written } = reference;
    const store = pool.of(reference);
    const resolve = (what: string) => store.resolve(what, { signal: job.signal });
    // A tag that is gone is an error: nothing says any more what it is a pin of.
    const byTag = tag === undefined ? undefined : await resolve(tag);
    const root =
      check && written !== undefined ? await resolve(written) : (byTag ?? (await resolve(written ?? 'latest')));
    const { verified } = await verifyAt({ store, root }, reference, demands, job);
    const { digest } = verified;
    if (!verified.passed) return { state: 'refused', digest, why: reasonsOf(verified) };
    const signers = `Signed by ${verified.signers.join(', ')}.`;
    if (written === undefined) return { state: 'unpinned', digest, why: signers };
    if (byTag && byTag.digest !== written) {
      return { state: 'moved', digest, why: `The tag ${tag} points to ${byTag.digest} now, not to ${written}.` };
    }
    return { state: 'pinned', digest, why: signers };
  } catch (error) {
    if (job.signal.aborted || !(error instanceof TidegateError)) throw error;
    return { state: 'refused', why: messageOf(error), cause: isUnanswered(error) ? error : undefined };
  }
}
