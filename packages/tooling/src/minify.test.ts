import { expect, test } from '@jest/globals';
import { minifyScript } from './minify.ts';

test('unused code and comments are removed', async () => {
  const script = await minifyScript('/* of note */ function unused() { return 1 }\nexport const used = () => 2;\n');
  expect(script).not.toMatch(/note|unused|\n./);
  expect(script).toContain('used');
});

test('functions and classes keep the names by which libraries know them', async () => {
  const script = await minifyScript(
    'class HttpError extends Error {} export const make = () => [new HttpError().constructor.name, (function request() {}).name];',
  );
  const { make } = (await import(`data:text/javascript,${encodeURIComponent(script)}`)) as { make(): string[] };
  expect(make()).toEqual(['HttpError', 'request']);
});
