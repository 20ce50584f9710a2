import { expect, test } from '@jest/globals';
import { deferred } from './deferred.ts';

test('the maker settles it, and only the first time counts', async () => {
  const kept = deferred<string>();
  kept.resolve('one');
  kept.resolve('two');
  kept.reject(new Error('late'));
  await expect(kept.promise).resolves.toBe('one');

  const broken = deferred<never>();
  broken.reject(new Error('gone'));
  await expect(broken.promise).rejects.toThrow('gone');
});
