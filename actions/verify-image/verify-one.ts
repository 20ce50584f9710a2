import { type Digest, type Expectations, formatReference, type Reference } from '@tidegate/core';
import type { Store } from '@tidegate/oci';
import { type VerifiedImage, type VerifyImageOptions, verifyImage } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import type { Signers } from './expected-signer.ts';

/** The demands on every image of a step. */
export interface Demands {
  readonly signers: Signers;
  readonly expectations: Expectations;
  readonly expectedDigest?: Digest | undefined;
  readonly lane?: VerifyImageOptions['lane'];
}

/** Where an image is, and the manifest that its reference resolved to. */
export interface Place {
  readonly store: Store;
  readonly root: Parameters<typeof verifyImage>[1];
}

export function bare({ registry, repository }: Reference): Reference {
  return { registry, repository };
}

/** The expectations on an image of this repository. */
export function expectationsAt({ signers, expectations }: Demands, reference: Reference | undefined): Expectations {
  return { ...expectations, destination: reference && bare(reference), identity: signers.identity };
}

export async function verifyAt(
  { store, root }: Place,
  reference: Reference | undefined,
  demands: Demands,
  job: Pick<Job, 'clock' | 'signal' | 'log'>,
): Promise<{ readonly verified: VerifiedImage; readonly byDigest: string | undefined }> {
  const { signers, expectedDigest, lane } = demands;
  const expectations = expectationsAt(demands, reference);
  const verified = await verifyImage(store, root, { trust: signers.trust, expectations, expectedDigest, lane }, job);
  return { verified, byDigest: reference && formatReference({ ...bare(reference), digest: verified.digest }) };
}

/**
 * `severity-threshold: …`: why an image must not be deployed. Without a trusted signature no evidence counts, so that
 * every check of evidence fails, too: only the cause is named.
 */
export function reasonsOf({ checks }: Pick<VerifiedImage, 'checks'>): string {
  const all = checks.filter(({ outcome }) => outcome === 'fail');
  const causes = all.filter(({ name }) => name === 'digest' || name === 'identity');
  const failed = causes.some(({ name }) => name === 'identity') ? causes : all;
  return failed.map((check) => `${check.name}: ${check.why}`).join(' ') || 'No check was made.';
}
