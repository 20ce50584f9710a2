import { expect, test } from '@jest/globals';
import { firstRunIn } from './foreign-platform.ts';

const lineOf = (lines: readonly string[], target?: string) => firstRunIn(lines.join('\n'), target, new Map());

test.each<[string, readonly string[], number | undefined]>([
  ['a plain Dockerfile', ['FROM debian', 'COPY a /', 'RUN true'], 3],
  ['a stage that is copied from', ['FROM debian AS build', 'RUN true', 'FROM scratch', 'COPY --from=build /a /'], 2],
  ['a stage that is built on', ['FROM debian AS build', 'RUN true', 'FROM build'], 2],
  ['a stage of the target platform by name', ['FROM --platform=$TARGETPLATFORM debian', 'RUN true'], 2],
])('%s runs something on the platform of the image', (_, lines, line) => {
  expect(lineOf(lines)).toBe(line);
});

test.each<[string, readonly string[]]>([
  ['no RUN', ['FROM debian', 'COPY a /']],
  [
    'RUN on the machine that builds',
    ['FROM --platform=$BUILDPLATFORM golang AS b', 'RUN true', 'FROM scratch', 'COPY --from=b /a /'],
  ],
  [
    'a stage on such a stage',
    ['FROM --platform=$BUILDPLATFORM golang AS a', 'FROM a AS b', 'RUN true', 'FROM scratch', 'COPY --from=b / /'],
  ],
  ['a stage that nothing needs', ['FROM debian AS tests', 'RUN true', 'FROM scratch', 'COPY a /']],
  ['no Dockerfile that can be read', ['RUN <<EOF', 'FROM']],
])('%s needs no emulation', (_, lines) => {
  expect(lineOf(lines)).toBeUndefined();
});

test('a target ends the stages that count', () => {
  const lines = ['FROM debian AS one', 'COPY a /', 'FROM one AS two', 'RUN true'];
  expect(lineOf(lines, 'one')).toBeUndefined();
  expect(lineOf(lines, 'two')).toBe(4);
});
