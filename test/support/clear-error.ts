import { expect } from '@jest/globals';
import type { BundleResult } from '@tidegate/testkit';

/**
 * Requirements for a failed step: exit code 1, and one error annotation that states the problem and, after a dash, what
 * to do; and no stack trace anywhere.
 * @returns the message
 */
export function expectOneClearError(result: BundleResult): string {
  const errors = result.annotations.filter(({ level }) => level === 'error').map(({ message }) => message);
  expect(errors).toEqual([expect.stringMatching(/\S.* — \S.*/s)]);
  const [message = ''] = errors;
  expect(message).not.toContain('This is a bug');
  expect(result.raw).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
  expect(result.raw).not.toMatch(/node:internal|\bundefined\b|\[object Object\]/);
  expect({ exitCode: result.exitCode, signal: result.signal }).toEqual({ exitCode: 1, signal: null });
  return message;
}
