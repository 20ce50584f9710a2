import { describe, expect, test } from '@jest/globals';
import { lintDockerfile } from '../dockerfile-rules.ts';
import { findingOf } from '../finding.ts';
import { honourIgnores } from '../ignores.ts';
import { foreignFrontendArgument, frontendOf, isDockersFrontend } from './frontend.ts';

const PIN = `sha256:${'a'.repeat(64)}`;
const REST = `FROM a@${PIN}\nUSER app\n`;
const EVIL = 'ghcr.io/acme/frontend:1';

const found = (text: string) => {
  const { remarks, ignores } = lintDockerfile(text);
  const findings = remarks.flatMap((remark) => findingOf('Dockerfile', remark) ?? []);
  const left = honourIgnores('Dockerfile', findings, ignores, {}).findings;
  return left.map(({ line, level, rule }) => `${line} ${level} ${rule}`);
};

describe('a frontend that is not of Docker', () => {
  test.each<[string, string, number]>([
    ['in the first line', `# syntax=${EVIL}\n${REST}`, 1],
    ['without a blank', `#syntax=${EVIL}\n${REST}`, 1],
    ['in capitals, with blanks', `#   SynTax  =   ${EVIL}  \n${REST}`, 1],
    ['with words of its own', `# syntax=${EVIL} --fast docker/dockerfile:1\n${REST}`, 1],
    ['below other directives', `# escape=\`\n# check=skip=all\n# syntax=${EVIL}\n${REST}`, 3],
    ['behind a byte order mark', `\ufeff# syntax=${EVIL}\n${REST}`, 1],
    ['below a line that a shell reads', `#!/usr/bin/env docker\n# syntax=${EVIL}\n${REST}`, 2],
    ['said twice', `# syntax=${EVIL}\n# syntax=docker/dockerfile:1\n${REST}`, 1],
    ['in a file of another language', `// syntax=${EVIL}\nlet x = 1;\n`, 1],
    ['in JSON', JSON.stringify({ syntax: EVIL, stages: [] }), 1],
    ['with line ends of Windows', `# syntax=${EVIL}\r\n${REST}`, 1],
  ])('%s is an error', (_, text, line) => {
    expect(frontendOf(text)).toEqual({ image: EVIL, line });
    expect(found(text)).toContain(`${line} error foreign-frontend`);
  });

  test.each([
    'ghcr.io/docker/dockerfile:1',
    'docker.io/docker/dockerfile2:1',
    'docker/dockerfile/x:1',
    'docker/dockerfile-upstreams',
    'evil.example/docker/dockerfile',
    'docker.io.evil.example/docker/dockerfile',
    'docker/dockerfile@sha256:abc',
    'docker/dockerfile:1,x=evil',
    'DOCKER/dockerfile',
    'dockerfile',
    'localhost:5000/docker/dockerfile',
  ])('%s is another program', (image) => {
    expect(found(`# syntax=${image}\n${REST}`)).toContain('1 error foreign-frontend');
  });

  test.each([
    'docker/dockerfile',
    'docker/dockerfile:1',
    `docker/dockerfile:1.10-labs@${PIN}`,
    'docker.io/docker/dockerfile-upstream:master',
    'index.docker.io/docker/dockerfile:1',
  ])("%s is Docker's own", (image) => {
    expect(isDockersFrontend(image)).toBe(true);
    expect(found(`# syntax=${image}\n${REST}`)).toEqual([]);
  });

  test.each([
    `# a comment\n# syntax=${EVIL}\n${REST}`,
    `\n# syntax=${EVIL}\n${REST}`,
    ` # syntax=${EVIL}\n${REST}`,
    `${REST}# syntax=${EVIL}\n`,
  ])('a comment that BuildKit does not read as a directive is none', (text) => {
    expect(frontendOf(text)).toBeUndefined();
    expect(found(text)).toEqual([]);
  });

  test('may be ignored with a reason, below the directive', () => {
    expect(found(`# syntax=${EVIL}\n# tidegate: ignore=foreign-frontend it is our own\n${REST}`)).toEqual([]);
    expect(found(`# syntax=${EVIL}\n# tidegate: ignore=foreign-frontend\n${REST}`)).toContain(
      '1 error foreign-frontend',
    );
    const later = `# syntax=${EVIL}\nFROM a@${PIN}\n# tidegate: ignore=foreign-frontend it is our own\nUSER app\n`;
    expect(found(later)).toContain('1 error foreign-frontend');
  });
});

test.each<[string, readonly (readonly [string, string])[], string | undefined]>([
  ['another program', [['BUILDKIT_SYNTAX', EVIL]], EVIL],
  ['with words of its own', [['BUILDKIT_SYNTAX', ` ${EVIL} docker/dockerfile`]], ` ${EVIL} docker/dockerfile`],
  ['nothing', [['BUILDKIT_SYNTAX', '']], ''],
  [
    'said twice',
    [
      ['BUILDKIT_SYNTAX', EVIL],
      ['BUILDKIT_SYNTAX', 'docker/dockerfile:1'],
    ],
    EVIL,
  ],
  ["Docker's own", [['BUILDKIT_SYNTAX', 'docker/dockerfile:1 x']], undefined],
  ['another argument', [['SYNTAX', EVIL]], undefined],
])('BUILDKIT_SYNTAX as a build argument: %s', (_, buildArgs, foreign) => {
  expect(foreignFrontendArgument(buildArgs)).toBe(foreign);
});
