import { expect, test } from '@jest/globals';
import { rateLimitWait } from './rate-limit.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const rejected = (status: number, headers: Record<string, string>, message = 'Forbidden') =>
  Object.assign(new Error(message), { response: { status, headers } });
const reset = String(NOW.getTime() / 1000 + 40);

// docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
test.each<[string, unknown, number | undefined]>([
  ['retry-after', rejected(403, { 'retry-after': '30' }), 30_000],
  ['retry-after before the reset', rejected(429, { 'retry-after': '30', 'x-ratelimit-remaining': '0' }), 30_000],
  ['no request left', rejected(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }), 40_000],
  ['a reset in the past', rejected(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' }), 1000],
  ['only a message', rejected(403, {}, 'You have exceeded a secondary rate limit.'), 60_000],
  ['only 429', rejected(429, {}), 60_000],
  ['requests left', rejected(403, { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': reset }), undefined],
  ['no permission', rejected(403, {}), undefined],
  ['another failure', rejected(500, { 'retry-after': '30' }), undefined],
  ['no response', new Error('ECONNREFUSED'), undefined],
  ['nonsense', rejected(403, { 'retry-after': 'soon' }), undefined],
])('%s', (_, error, wait) => expect(rateLimitWait(error, NOW)).toBe(wait));
