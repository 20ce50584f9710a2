import { viewOf } from './view.ts';
import { plain, viewsOf } from './views.ts';

/** Forms of a secret in a text that no decoder reverts. */

/** Minimum length in characters. A shorter secret (`{}`, `1`), or a shorter form of it, would match half the log. */
export const SHORTEST_MASKED = 6;

/**
 * The decoded secret itself: encoders that leave a `%` unencoded write this, and readers decode it. A lone surrogate
 * becomes U+FFFD wherever a text becomes bytes.
 */
export function readForms(secret: string): readonly string[] {
  const wholes = new Set([secret, secret.toWellFormed()]);
  return [...wholes].flatMap((text) => Array.from(viewsOf(text), ({ view }) => view.text));
}

/** A quote within quotes: in `set -x`, Python's `shlex.quote`, YAML, SQL and CSV. */
export function quotedForms(secret: string): readonly string[] {
  const quotes = ["'\\''", `'"'"'`, "''"].map((quoted) => secret.replaceAll("'", quoted));
  return [...quotes, secret.replaceAll('"', '""')].filter((form) => form !== secret);
}

/** Base64 and hex. */
export function packedForms(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  return longEnough([hex, hex.toUpperCase(), ...base64Forms(bytes)]);
}

/** Base64 of content that contains base64: a registry's configuration in a Kubernetes secret. */
export function packedTwice(secret: string): readonly string[] {
  return longEnough(base64Forms(Buffer.from(secret)).flatMap((form) => base64Forms(Buffer.from(form))));
}

function base64Forms(bytes: Buffer): readonly string[] {
  const forms = [0, 1, 2].flatMap((shift) => [base64At(bytes, shift, 'base64'), base64At(bytes, shift, 'base64url')]);
  return [...new Set([...forms, ...lastLines(bytes.toString('base64'))])];
}

/**
 * Base64 of the secret after `shift` bytes of a group of three (`user:secret`), without characters at its edges that
 * depend on other bytes.
 */
function base64At(secret: Buffer, shift: number, encoding: 'base64' | 'base64url'): string {
  const bytes = Buffer.concat([Buffer.alloc(shift), secret]);
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 3));
  return whole.toString(encoding).slice(shift === 0 ? 0 : 4);
}

/** Columns of MIME and `base64`, and of PEM. A last line is shorter than the pieces that are searched for. */
const COLUMNS = [76, 64];
const SHORTEST_LINE = 8;

function lastLines(base64: string): readonly string[] {
  const unpadded = base64.replace(/={1,2}$/, '');
  const lines = COLUMNS.map((columns) => unpadded.slice(Math.floor(unpadded.length / columns) * columns));
  return lines.filter((line) => line !== unpadded && line.length >= SHORTEST_LINE);
}

function longEnough(forms: readonly string[]): readonly string[] {
  return forms.filter((form) => plain(viewOf(form)).text.length >= SHORTEST_MASKED);
}
