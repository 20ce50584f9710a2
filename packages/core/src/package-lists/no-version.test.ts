/** `pip install -e .` before the sources exist, and again afterwards. */
import { expect, test } from '@jest/globals';
import { type Layer, said } from './image.fixture.ts';

const egg = (version: string, name = 'app'): Layer => ({
  'src/app.egg-info/PKG-INFO': `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
  'src/app.egg-info/top_level.txt': 'app\n',
});
const sources: Layer = { 'src/app/__init__.py': 'x' };

test.each(['0.0.0', '0', '0.0.0.dev0', '0+unknown'])('%s may become a version', async (version) => {
  expect(await said({ ...egg(version), ...sources }, egg('1.2.3'))).toEqual([]);
});

test('a version may not, nor may another name take its place', async () => {
  for (const [before, after] of [
    [egg('0.0.1'), egg('1.2.3')],
    [egg('10.0'), egg('1.2.3')],
  ] as const) {
    expect(await said({ ...before, ...sources }, after)).toEqual([expect.stringContaining('its files did not change')]);
  }
  expect(await said({ ...egg('0.0.0'), ...sources }, egg('1.2.3', 'other'))).toHaveLength(1);
});
