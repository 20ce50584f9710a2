// biome-ignore-all lint/suspicious/noTemplateCurlyInString: of the shell
/** The time for a file is limited, and text that is not followed because of that is reported. */
import { expect, test } from '@jest/globals';
import { scanForHandMade } from './scan.ts';

const found = (file: string, text: string) => scanForHandMade(file, text).map(({ line, rule }) => `${line} ${rule}`);

test.each([
  ['a string that holds itself twice', 'a=x\n', 'a+=$a$a\n'],
  ['a list that holds itself', 'a=(x)\n', 'a+=(x "${a[@]}")\n'],
])('%s, in each line', (_, first, line) => {
  const script = `${first}${line.repeat(10_000)}docker commit box\n`;
  expect(found('x.sh', script)).toEqual(['1 file-not-read', '10002 hand-made-image']);
});

test('scripts of one file share a limit of followed scripts, and findings in each are reported', () => {
  const grown = `a=xxxxxxxx; ${'a+=$a$a; '.repeat(12)} ${'echo $a; '.repeat(40)} docker commit box`;
  const scripts = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`s${at}`, grown]));
  const lines = found('package.json', JSON.stringify({ scripts }, undefined, 1));
  expect(lines.filter((line) => line.endsWith('file-not-read'))).toHaveLength(1);
  expect(lines.filter((line) => line.endsWith('hand-made-image'))).toHaveLength(60);
});

test('a Makefile whose variables grow beyond what is followed is said to', () => {
  const value = `X = ${'x'.repeat(10_000)}\n`;
  const text = `${value}a:\n${'\techo $(X)\n'.repeat(100)}\tdocker commit box\n`;
  expect(found('Makefile', text)).toEqual(['1 file-not-read', '103 hand-made-image']);
  expect(found('Makefile', `${value}a:\n\techo $(X)\n\tdocker commit box\n`)).toEqual(['4 hand-made-image']);
});
