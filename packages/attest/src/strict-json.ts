import { isUtf8 } from 'node:buffer';
import { TidegateError } from '@tidegate/core';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Far deeper than any SBOM; shallow enough that nothing that walks the value can overflow the stack. */
const MAX_DEPTH = 200;

/**
 * JSON that every reader reads alike. Besides the grammar: at most `limit` bytes, UTF-8 without replacement, bounded
 * depth, and no object with the same key twice. Readers differ on which of the two counts, so a duplicate is a way
 * to show one subject to the gate and another to whoever admits the image.
 * @throws TidegateError `evidence`; `what` begins the message.
 */
export function parseStrictJson(bytes: Uint8Array, what: string, limit: number): unknown {
  if (bytes.byteLength > limit) {
    throw unreadable(`${what} is ${bytes.byteLength} bytes long; at most ${limit} are read.`);
  }
  if (bytes.byteLength === 0) throw unreadable(`${what} is empty.`);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isUtf8(text)) throw unreadable(`${what} is not UTF-8.`);
  const keys = keysWritten(text, what);
  let value: unknown;
  try {
    value = JSON.parse(text.toString('utf8'));
  } catch (cause) {
    throw unreadable(`${what} is not JSON.`, cause);
  }
  if (keysHeld(value) !== keys) throw unreadable(`${what} has an object with the same key twice.`);
  return value;
}

/** Colons outside strings: one for each key that was written. Strings are skipped by native search, so this is cheap. */
function keysWritten(text: Buffer, what: string): number {
  let keys = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at];
    if (byte === QUOTE) {
      at = endOfString(text, at + 1);
    } else if (byte === 0x3a) {
      keys += 1;
    } else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > MAX_DEPTH) throw unreadable(`${what} is nested more than ${MAX_DEPTH} deep.`);
    } else if (byte === 0x7d || byte === 0x5d) {
      depth -= 1;
    }
  }
  return keys;
}

/** Index of the quote that closes the string beginning at `from`, or the end of the text: JSON.parse complains then. */
function endOfString(text: Buffer, from: number): number {
  for (let end = text.indexOf(QUOTE, from); end >= 0; end = text.indexOf(QUOTE, end + 1)) {
    let escapes = 0;
    while (end - 1 - escapes >= from && text[end - 1 - escapes] === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}

function keysHeld(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let keys = 0;
  if (Array.isArray(value)) {
    for (const item of value) keys += keysHeld(item);
    return keys;
  }
  for (const key of Object.keys(value)) keys += 1 + keysHeld((value as Record<string, unknown>)[key]);
  return keys;
}

export function unreadable(message: string, cause?: unknown): TidegateError {
  return new TidegateError('evidence', message, {
    next: 'Make the evidence again with the stage that writes it; evidence is not meant to be edited.',
    ...(cause === undefined ? {} : { cause }),
  });
}
