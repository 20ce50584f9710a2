import { expect, test } from '@jest/globals';
import { undeclaredArgs, unknownStages, usesSecret } from './mentions.ts';

const DOCKERFILE = `ARG BASE=debian
FROM $BASE
ARG VERSION COMMIT
RUN --mount=type=secret,id=npm.token \\
    --mount=type=secret,target=/root/.netrc make
`;

test.each([
  ['npm.token', true],
  ['.netrc', true],
  ['npm', false],
  ['token', false],
  ['c2VjcmV0LXRva2VuLXZhbHVlLTEyMw', false],
  ['GIT_AUTH_TOKEN', true],
  ['GIT_AUTH_TOKEN.git.example.org', true],
])('the secret %s reaches something: %s', (id, used) => {
  expect(usesSecret(DOCKERFILE, id)).toBe(used);
});

test('arguments that no ARG takes are found, and those that BuildKit knows are none of them', () => {
  const given = ['BASE', 'VERSION', 'COMMIT', 'b', 'https_proxy', 'BUILDKIT_SYNTAX', 'SOURCE_DATE_EPOCH', 'TARGETARCH'];
  expect(undeclaredArgs(DOCKERFILE, given)).toEqual(['b']);
  expect(undeclaredArgs('FRM nothing that can be read', given)).toEqual([]);
});

test('stages are found by name in any case, and no number is the name of one', () => {
  const dockerfile = 'FROM scratch AS Deps\nFROM scratch\n';
  expect(unknownStages(dockerfile, ['deps', 'DEPS', 'dep', '1'])).toEqual(['dep', '1']);
  expect(unknownStages('FRM nothing that can be read', ['deps'])).toEqual([]);
});
