import { expect, test } from '@jest/globals';
import { baseImagesOf } from './base-images.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test.each([
  ['build arguments', `${'ARG A=1\n'.repeat(9)}ARG B=1\n`.repeat(900) + 'FROM $B\n'.repeat(9000)],
  [
    'mounts',
    `FROM a\nRUN ${Array.from({ length: 2400 }, (_, at) => `--mount=from=b${at}:1@${DIGEST} \\\n`).join('')} x`,
  ],
])('a file of many %s takes no more than seconds', (_, text) => {
  const start = performance.now();
  expect(baseImagesOf(text).length).toBeGreaterThan(2000);
  expect(performance.now() - start).toBeLessThan(8000);
});
