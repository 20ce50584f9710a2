/** Texts from outside that core reads: eight times the length takes eight times as long, whatever the content. */
import { describe, expect, test } from '@jest/globals';
import { growthOf, ignoringErrors, LINEAR_GROWTH } from '@tidegate/testkit';
import { layerPath } from './contents/layer-path.ts';
import { programOf } from './contents/programs.ts';
import { sensitivePath } from './credentials/files.ts';
import { isPublishedTestFile } from './credentials/installed.ts';
import { planAnnotations } from './image/annotations.ts';
import { planLabels } from './image/labels.ts';
import { parsePlatform } from './image/platform.ts';
import { makePlan } from './plan/plan.ts';
import { purlPattern } from './purl/pattern.ts';
import { readPurl } from './purl/purl.ts';
import { createRedactor } from './redact/redactor.ts';
import { parseImage } from './reference/reference.ts';
import { parseRepositoryName } from './reference/repository-name.ts';
import { judgeLicense, licenseLists } from './spdx/license-expression.ts';
import { parseLicenseExpression } from './spdx/parse.ts';
import { parseTagRules } from './tags/rules.ts';
import { NOW, onBranch } from './tags/tags.fixture.ts';
import { glob } from './text/glob.ts';
import { parseStrictJson } from './text/json.ts';
import { escapeMarkdown, inlineCode } from './text/markdown.ts';
import { parseDuration } from './text/quantity.ts';
import { harmlessLines, visibleLine } from './text/terminal.ts';
import { readInstant } from './text/time.ts';

const redactor = createRedactor();
redactor.add('hunter2-Tr0ub4dor');
redactor.add('p@ss/w%41 "x\\y');

const hostilePackages = purlPattern(`pkg:npm/${'*a'.repeat(40)}b@${'*a'.repeat(40)}b`);
const hostilePaths = glob(`${'**/*a'.repeat(40)}b`);
const makePlanOf = (ref: string) =>
  makePlan(onBranch('main', { ref }), { images: ['ghcr.io/acme/app'], platforms: ['linux/amd64'], now: NOW });

const lists = licenseLists([['MIT', 'GPL-2.0-or-later']], ['AGPL-*']);

const READERS: readonly (readonly [string, (text: string) => unknown, readonly string[]])[] = [
  [
    'licence expressions',
    (text) => judgeLicense(text, lists),
    [
      '(',
      ')',
      'MIT AND ',
      'MIT OR (',
      '-with-',
      'a-with-b-exception',
      'GPL-2.0',
      '-2.0',
      '1.',
      'LicenseRef-a:',
      ' WITH ',
    ],
  ],
  ['licence identifiers', parseLicenseExpression, ['-with-a', '-exception', 'a-1', '.0', '-', '+', 'DocumentRef-a:']],
  ['image names', parseImage, ['/', ':', 'a/', 'a.', '@sha256:', 'a:', '[', 'a-', '__', '-_.', 'docker.io/']],
  ['durations', parseDuration, ['1', '1d', 'd', '0']],
  ['names of programs', (text) => programOf(`/bin/${text}`), ['1', '.', '-', '1.', '..1', 'a1']],
  ['paths of test files', (text) => isPublishedTestFile(`/usr/lib/${text}`), ['/', '/test', '_test', '.tests/', 'a/']],
  ['paths of secrets', sensitivePath, ['/', '.', '.key', '/.ssh', 'secret', 'credentials', '.example']],
  [
    'lines of a log',
    harmlessLines,
    ['\u001b[', '\u001b]', '\u009b', '0;', '##[', '::', '\n', '\r', ' ', '\u202e', '\ud800'],
  ],
  [
    'texts without secrets',
    (text) => redactor.redact(text),
    ['%25', '%', '\\\\', '\\u0041', '&amp;', '&#37;41', 'hunter2-Tr0ub4dor', ' +', '\u200d', '\u001b[', '\\&%25', 'h'],
  ],
  [
    'texts with bytes, dumps and base64',
    (text) => redactor.redact(text),
    [
      ...[
        '12 ',
        '12 34x',
        '0x68, ',
        '1234 1234 ',
        'ab:',
        '00000000: 6875 6e74  hu\n',
        '0000 ',
        '0000 - 68 ',
        '\n0000 68',
      ],
      ...[
        'QUJD',
        `${'QUJD'.repeat(19)}\n`,
        '=41',
        '=\n',
        `a\n${' '.repeat(60)}`,
        `12${' '.repeat(39)}`,
        '#1 0.1 ',
        'a\n#1 1',
      ],
      '%25\\\\&amp;\\u0041&#37;41%5c\u200d\u001b[1mx+ %2541&lt;',
    ],
  ],
  ['package URLs', (text) => readPurl(`pkg:pypi/${text}`), ['/', '-', '-_.', '@', '%41', '%', '?a=', '&a=b', '#']],
  ['versions of packages', (text) => readPurl(`pkg:npm/a@${text}`), ['@', '/', '%2', '1.']],
  ['patterns of packages', (text) => purlPattern(`pkg:npm/${text}`), ['*', '**/', 'a*', '@*', '/', '%2a']],
  [
    'packages, by a pattern',
    (name) => hostilePackages({ name, version: name, type: 'npm', purl: `pkg:npm/${name}` }),
    ['a', 'a/', 'ab'],
  ],
  ['paths, by a pattern', hostilePaths, ['a', 'a/', 'ab', '/']],
  ['refs of git', (text) => makePlanOf(`refs/tags/${text}`), ['a', '/', '.', 'a.', '@{', '1.', 'v1-', '0', '+']],
  [
    'rules for tags',
    (text) => parseTagRules([text]),
    [',', 'semver,match=', 'raw=', 'type=raw,value=', '{{', '}}', 'a', '(', ' '],
  ],
  ['names of labels', (text) => planLabels(onBranch('main'), { override: [[text, 'a']] }), ['a', '.', '\u00e9']],
  [
    'levels of annotations',
    (text) => planAnnotations({}, [[text, 'a']]),
    [',', 'manifest,', 'index:', '[', 'manifest[a/b]', 'a'],
  ],
  ['platforms', parsePlatform, ['/', 'a', 'linux/', 'a-', '_']],
  ['names of repositories', (text) => parseRepositoryName(text, 'repository'), ['/', 'a', 'a/', '.', '-']],
  ['moments', readInstant, ['1', '2026-01-01T', '0', '.', '2026-01-01T00:00:00.0']],
  ['JSON', (text) => parseStrictJson(Buffer.from(text), 'a'), ['[', '{"a":', '{},', '"a",', '"', '\\', ' ', '0']],
  [
    'texts of JSON',
    (text) => parseStrictJson(Buffer.from(JSON.stringify({ [text]: text })), 'a'),
    ['\\', '"', '{', '\u2028', 'a'],
  ],
  ['paths in layers', layerPath, ['/', './', '../', 'a/', '\\', '.wh.']],
  ['one line', visibleLine, ['\n', ' ', '\t\n', '\u001b]a']],
  ['Markdown', escapeMarkdown, ['@', '#', 'GH-', '`', '\\', '|', '<', '&', '\u200b']],
  ['code in Markdown', inlineCode, ['`', '|', '&', '\u200b']],
];

describe('eight times the text takes eight times the time', () => {
  test.each(READERS.flatMap(([what, read, pieces]) => pieces.map((piece) => [what, piece, read] as const)))(
    '%s of %j',
    (_, piece, read) => {
      expect(growthOf(ignoringErrors(read), piece)).toBeLessThan(LINEAR_GROWTH);
    },
  );
});
