import { createHash } from 'node:crypto';
import { TidegateError } from '../error.ts';
import { quoted } from '../text/wording.ts';

declare const validated: unique symbol;

/** `sha256:` and 64 lower-case hex digits (OCI image-spec, descriptor.md#digests). Validated once, then trusted. */
export type Digest = string & { readonly [validated]: 'digest' };

const SHA256 = /^sha256:[0-9a-f]{64}$/;

export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && SHA256.test(text);
}

/** @throws TidegateError `integrity` when `text` is not a sha256 digest in canonical (lower-case) form. */
export function parseDigest(text: unknown, where = 'digest'): Digest {
  if (isDigest(text)) return text;
  const shown =
    typeof text === 'string' ? quoted(text, 100) : text === undefined ? 'nothing' : `a value of type ${typeof text}`;
  throw new TidegateError('digest-invalid', `${where}: ${shown} is not a digest.`, {
    next: 'Write a digest as sha256: followed by 64 lower-case hex digits.',
  });
}

/** Hashes bytes in memory; packages/oci hashes streams. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}

/** The 64 hex digits, as in in-toto subjects and layout paths. */
export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}
