import type { Trust } from '@tidegate/attest';
import { bundles, type Place } from './signatures.ts';

// biome-ignore lint/suspicious/noExplicitAny: bundles and roots are spoilt in ways their types do not allow
export type Json = any;

/** Objects beside the image, and how both programs are called. */
export interface Case {
  readonly registry?: 'olareg' | 'distribution';
  /** A bundle by name; `undefined` where `place` does all. */
  readonly bundle?: string;
  readonly spoil?: (bundle: Json) => void;
  /** In place of a bundle: whatever is put there, by whoever. */
  readonly place?: (to: Place) => Promise<void>;
  readonly predicateType?: string;
  /** The trust of both programs, spoilt. */
  readonly root?: (root: Json) => void;
  readonly as?: 'keyless' | 'key' | 'other key';
  readonly identity?: string;
  readonly issuer?: string;
  readonly regexp?: string;
  /** More flags for cosign, and what they mean here. */
  readonly flags?: readonly string[];
  readonly trust?: Partial<Trust>;
  readonly says: 'yes' | 'no';
  /** Where cosign says the contrary: why we are right. */
  readonly right?: string;
}

export const entryOf = (bundle: Json): Json => bundle.verificationMaterial.tlogEntries[0];
export const stampsOf = (bundle: Json): Json => bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps;
export const proofOf = (bundle: Json): Json => entryOf(bundle).inclusionProof;
export const bytesOf = (name: string): Json => JSON.parse(Buffer.from(bundles[name] ?? '').toString());

/** Another byte at `at`, counted from the end where negative. */
export function flip(base64: string, at = -1): string {
  const bytes = Buffer.from(base64, 'base64');
  const index = at < 0 ? bytes.length + at : at;
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  return bytes.toString('base64');
}

export const checkpoint = (change: (lines: string[]) => void) => (bundle: Json) => {
  const lines = proofOf(bundle).checkpoint.envelope.split('\n');
  change(lines);
  proofOf(bundle).checkpoint.envelope = lines.join('\n');
};
export const closed = { start: '2020-01-01T00:00:00Z', end: '2021-01-01T00:00:00Z' };
export const future = { start: '2099-01-01T00:00:00Z' };
/** sigstore-go builds the entry again from the bundle, and does not look at the copy that the bundle holds. */
export const REBUILT =
  'client spec, "Transparency Log Entry": the proof is of the body and for the tree that the bundle names';
export const NO_LOG = ['--insecure-ignore-tlog=true'];
export const optional: Partial<Trust> = { log: 'optional' };
