import { describe, expect, test } from '@jest/globals';
import { PINS } from './pins.ts';

describe('the pins', () => {
  const published = Object.entries(PINS).flatMap(([name, pin]) =>
    Object.entries(pin.files).map(([where, { file, sha256: sum }]) => [name, where, file, sum, pin.version] as const),
  );
  test.each(published)('%s for %s: a sum, and a file that says what it is for', (_, where, file, sum) => {
    expect(sum).toMatch(/^[0-9a-f]{64}$/);
    const [os = '', architecture = ''] = where.split('/');
    expect(file).toContain(os);
    expect(file).toContain(architecture);
  });

  test('name no two files with the same sum', () => {
    expect(new Set(published.map(([, , , sum]) => sum)).size).toBe(published.length);
  });
});
