import { expect, test } from '@jest/globals';
import { html } from './markup.ts';

test('text from outside is bounded as it is shown, not as it was sent', () => {
  expect(html`${'\u202e'.repeat(100_000)}`.text.length).toBeLessThanOrEqual(500);
  expect(html`${'x'.repeat(100_000)}`.text).toBe(`${'x'.repeat(499)}…`);
});
