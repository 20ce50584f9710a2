import { errorAddress } from '@tidegate/core';
import type { Explained } from '@tidegate/runner';
import type { ResultError } from './result.ts';

export function errorOf({ entry, message, next }: Explained): ResultError {
  return { code: entry.code, title: entry.title, message, next, address: errorAddress(entry.code) };
}
