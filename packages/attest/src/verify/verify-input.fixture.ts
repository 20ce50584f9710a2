/** For tests of verifier inputs: how inputs are damaged, and what a clear error is. */
import { expect } from '@jest/globals';
import { TidegateError } from '@tidegate/core';
import { entryOf, type Json } from './recorded-sigstore.fixture.ts';

/** One sentence for the problem, and one for the remedy; no internals of ours, of the library or of the key. */
export function clear(error: unknown, kind: string, why: string): void {
  expect(error).toBeInstanceOf(TidegateError);
  const { message, next, kind: is } = error as TidegateError;
  expect({ kind: is, message }).toEqual({ kind, message: expect.stringContaining(why) });
  expect(next).toMatch(/\.$/);
  expect(message).toMatch(/^[A-Z].*\.$/s);
  expect(message).not.toMatch(/undefined|\[object|TypeError|at .*:\d+:\d+|NaN/);
  expect(message.length).toBeLessThan(500);
}

export const material = (of: Json) => of.verificationMaterial;
export const envelope = (of: Json) => of.dsseEnvelope;
export const proof = (of: Json) => entryOf(of).inclusionProof;
export const set = (at: (of: Json) => Json, key: string, value: unknown) => (of: Json) => {
  if (value === undefined) delete at(of)[key];
  else at(of)[key] = value;
};
export const top = (of: Json) => of;

export function cut(base64: string): string {
  return Buffer.from(base64, 'base64').subarray(0, -20).toString('base64');
}

export function longer(base64: string): string {
  return Buffer.concat([Buffer.from(base64, 'base64'), Buffer.from('behind')]).toString('base64');
}

export function caught(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('it was accepted');
}

export async function rejected(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('it was accepted');
}
