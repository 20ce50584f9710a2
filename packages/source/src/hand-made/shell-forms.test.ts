// biome-ignore-all lint/suspicious/noTemplateCurlyInString: of the shell
/** Shell constructs after which, or inside which, a command was once missed. */
import { describe, expect, test } from '@jest/globals';
import { scanForHandMade } from './scan.ts';

const found = (script: string) => scanForHandMade('x.sh', script).map(({ line, rule }) => `${line} ${rule}`);

describe('text that looks like the start of a here-document does not hide the lines below', () => {
  test.each([
    'x=$((1<<4))',
    'echo "$((1<<4))"',
    '((x<<=1))',
    'if ((x<<1)); then :; fi',
    'let x=1<<4',
    'a[1<<E]=3',
    'x=$[1<<4]',
    'for ((i=1<<2;;)) do :; done',
    'cat <<E',
    'cat <<-E',
    'cat <<A; cat <<B',
  ])('%s', (line) => expect(found(`${line}\ndocker commit box\n`)).toEqual(['2 hand-made-image']));

  test('a here-document that ends is still text', () => {
    expect(found('x=$((1<<4))\ncat <<E\ndocker commit box\nE\ncat <<-E\n\tdocker commit box\n\tE\n')).toEqual([]);
  });

  test('a command in an arithmetic expression may have a here-document', () => {
    expect(found("x=$(( $(wc -l <<E\nit's\nE\n) << 1 ))\ndocker commit a\n")).toEqual(['5 hand-made-image']);
  });

  test('a here-document begins behind the lines that continue its command', () => {
    expect(found('cat <<E && \\\ndocker commit a\ndocker commit text\nE\ndocker commit b\n')).toEqual([
      '2 hand-made-image',
      '5 hand-made-image',
    ]);
  });
});

describe('quotes that end where the shell ends them do not hide the lines below', () => {
  test.each(['x=${x:-"}"}', "x=${x:-'}'}", 'echo "${x:-it\'s}"', `[[ $x =~ ['"] ]]`, `[[ $x =~ ^a["']+ ]]`])(
    '%s',
    (line) => expect(found(`${line}\ndocker commit box\n`)).toEqual(['2 hand-made-image']),
  );
});

test.each([
  '{fd}>/dev/null docker commit box',
  'm=(sudo docker commit box); "${m[@]:1}"',
  'm=(sudo docker commit box); "${m[@]:1:2}" box',
  'm=(a docker); ${m[-1]} commit box',
  'f() { "${@:2}"; }; f x docker commit box',
  'coproc X { docker commit box; }',
  'docker -Dl debug commit box',
  '{d..d}ocker commit box',
])('%s', (line) => expect(found(`${line}\n`)).toEqual(['1 hand-made-image']));

describe('what a compound command, a group or a function prints is followed', () => {
  test.each([
    'for a in 1 2; do echo docker commit box; done | sh',
    'if a; then echo true; else echo docker commit box; fi | sh',
    '(echo set -e; echo docker commit box) | sh',
    'say() { echo docker commit box; }; say | sh',
    'echo docker commit box | bash /dev/fd/0 --yes',
    'echo docker commit box | bash -es',
  ])('%s', (line) => expect(found(`${line}\n`)).toEqual(['1 hand-made-image']));
});
