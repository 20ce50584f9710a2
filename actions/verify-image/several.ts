import { badInput, messageOf, notJudged, severalFailed, severalMarkdown, TidegateError } from '@tidegate/core';
import { eachConcurrently } from '@tidegate/oci';
import { Lane, platformDigests } from '@tidegate/pipeline';
import { failWithOutputs, type Inputs, type Job, type Outputs } from '@tidegate/runner';
import {
  assertLoginsUnambiguous,
  type ImageLine,
  type RegistryPool,
  registryPool,
} from '../support/registry/image-list.ts';
import type { action } from './action.ts';
import { type Demands, reasonsOf, verifyAt } from './verify-one.ts';

type VerifyInputs = Inputs<typeof action>;

/** The result for one image, as in the output `results`. */
interface Result {
  readonly image: string;
  /** By digest; absent if it could not be resolved. */
  readonly reference?: string | undefined;
  readonly digest?: string | undefined;
  readonly platforms?: Readonly<Record<string, string>> | undefined;
  readonly verified: boolean;
  readonly signers: readonly string[];
  /** Checks that failed. */
  readonly failed: readonly { readonly name: string; readonly why: string }[];
  /** Why the image could not be checked. */
  readonly error?: string | undefined;
}

/** Each reads dozens of small bundles at once by itself; more images at once would only queue. */
const MOST_AT_ONCE = 8;

/**
 * Verify several images, each by itself. An image that cannot be checked fails, and the others are checked all the same.
 * @throws TidegateError in the end, if one failed: `verification-failed`, or why no failed one could be checked
 */
export async function verifySeveral(
  lines: readonly ImageLine[],
  demands: Demands,
  inputs: VerifyInputs,
  job: Job,
): Promise<Outputs<typeof action>> {
  assertForSeveral(inputs, lines);
  const pool = registryPool(inputs, job, 'push');
  const shared = { ...demands, lane: new Lane() };
  const results = new Map<ImageLine, Result>();
  const causes = new Map<string, unknown>();
  job.log.info(`Verify ${lines.length} images.`);
  try {
    const atOnce = () => Math.min(MOST_AT_ONCE, Math.floor(pool.concurrency / 2));
    await eachConcurrently(lines, atOnce, job.signal, async (line, signal) => {
      results.set(line, await resultOf(line, pool, shared, { ...job, signal }, causes));
    });
  } finally {
    pool.close();
  }
  const all = lines.flatMap((line) => results.get(line) ?? []);
  const rows = all.map((one) => ({
    ...{ image: one.image, reference: one.reference, passed: one.verified },
    details: one.error ?? (one.verified ? `Signed by ${one.signers.join(', ')}.` : reasonsOf(failedOf(one))),
  }));
  for (const { image, passed, details } of rows) job.log.info(`${passed ? 'pass' : 'FAIL'}  ${image}  ${details}`);
  await job.summarise(severalMarkdown(job.redacted(rows), { passed: 'verified', failed: FAILED }));
  const passed = all.every(({ verified }) => verified);
  const outputs = {
    verified: String(passed),
    ...{ digest: '', reference: '', platforms: '', checks: '' },
    signers: JSON.stringify([...new Set(all.flatMap(({ signers }) => signers))]),
    results: JSON.stringify(all),
  };
  if (!passed) {
    const failed = all.flatMap(({ image, verified }) => (verified ? [] : [causes.get(image)]));
    const error = new TidegateError('verification-failed', severalFailed(rows, FAILED), {
      next: 'Read the reasons in the summary. Deploy digests that pass; or, if the images are correct, correct the inputs.',
    });
    failWithOutputs(notJudged(failed, all.length) ?? error, outputs);
  }
  return outputs;
}

const FAILED = 'must not be deployed';

/** @param causes receives the error of an image that could not be checked */
async function resultOf(
  line: ImageLine,
  pool: RegistryPool,
  demands: Demands,
  job: Job,
  causes: Map<string, unknown>,
): Promise<Result> {
  const { text: image, reference } = line;
  const none = { image, verified: false, signers: [], failed: [] };
  if (reference instanceof TidegateError) return { ...none, error: messageOf(reference) };
  try {
    const store = pool.of(reference);
    const root = await store.resolve(reference.digest ?? reference.tag ?? 'latest', { signal: job.signal });
    const { verified, byDigest } = await verifyAt({ store, root }, reference, demands, job);
    const failed = verified.checks.filter(({ outcome }) => outcome === 'fail');
    return {
      ...{ image, reference: byDigest, digest: verified.digest, platforms: platformDigests(verified.image) },
      ...{ verified: verified.passed, signers: verified.signers },
      failed: failed.map(({ name, why }) => ({ name, why })),
    };
  } catch (error) {
    if (job.signal.aborted || !(error instanceof TidegateError)) throw error;
    causes.set(image, error);
    return { ...none, error: messageOf(error) };
  }
}

function failedOf({ failed }: Result): Parameters<typeof reasonsOf>[0] {
  return { checks: failed.map((one) => ({ ...one, outcome: 'fail' as const })) };
}

/** Inputs that have a meaning for one image only. */
function assertForSeveral(inputs: VerifyInputs, lines: readonly ImageLine[]): void {
  for (const name of ['expected-digest', 'layout', 'name', 'policy-dir'] as const) {
    if (inputs[name] === '') continue;
    const next = `Remove ${name}, or verify its image in a step of its own.`;
    throw badInput('input-conflict', name, inputs[name], `no value, because image has ${lines.length} images`, next);
  }
  assertLoginsUnambiguous(inputs, lines);
}
