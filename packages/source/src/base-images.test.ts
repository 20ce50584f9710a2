import { expect, test } from '@jest/globals';
import { type BaseImage, baseImagesOf, withNewDigests } from './base-images.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const A = digest('a');
const B = digest('b');
const NEW = digest('e');

/** `LINE PATH IMAGE`, with the reason if the digest cannot be replaced. Digests are shortened. */
function described(text: string): string[] {
  const short = (image: string) => image.replace(/(sha256:.)[0-9a-f]{63}/g, '$1');
  return baseImagesOf(text).map(({ line, path, image, why, digest: at }) => {
    expect(at === undefined).toBe(why !== undefined);
    if (at) expect(image.endsWith(text.slice(at.start, at.end))).toBe(true);
    return `${line} ${path} ${short(image)}${why === undefined ? '' : `: ${why}`}`;
  });
}

const bumped = (text: string) =>
  withNewDigests(
    text,
    baseImagesOf(text).map((base: BaseImage) => ({ base, digest: NEW })),
  );

test.each<[name: string, text: string, found: string[]]>([
  ['FROM', `FROM node:22@${A}\n`, ['1 FROM node:22@sha256:a']],
  [
    'a platform, a stage, any case',
    `from --platform=linux/amd64 node:22@${A} AS x\nFROM x`,
    ['1 FROM node:22@sha256:a'],
  ],
  ['a registry with a port', `FROM r.example:5000/a/b:1@${A}`, ['1 FROM r.example:5000/a/b:1@sha256:a']],
  [
    'COPY --from, also of a stage',
    `FROM a:1@${A} AS s\nFROM scratch\nCOPY --from=s /a /\nCOPY --chown=1 --from=b:1@${B} /b /\nCOPY --from=0 /c /`,
    ['1 FROM a:1@sha256:a', '4 COPY --from b:1@sha256:b'],
  ],
  [
    'two mounts of one image',
    `FROM a:1\nRUN --mount=from=b:1@${B},target=/x \\\n  # b:1@${B}\n  --mount=type=bind,from=b:1@${B} ls`,
    ['1 FROM a:1: has no digest', '2 RUN --mount=from b:1@sha256:b', '4 RUN --mount=from b:1@sha256:b'],
  ],
  ['ONBUILD', `FROM a:1@${A}\nONBUILD COPY --from=b:1@${B} / /`, ['1 FROM a:1@sha256:a', '2 COPY --from b:1@sha256:b']],
  ['continued lines', `FROM \\\n# comment\n\n   a:1@${A} \\\n AS x`, ['4 FROM a:1@sha256:a']],
  [
    'a digest in two lines',
    `FROM a:1@${A.slice(0, 20)}\\\n${A.slice(20)}`,
    ['1 FROM a:1@sha256:a: is written in several lines or parts'],
  ],
  ['escape=`', `# escape=\`\r\nFROM \`\r\n  a:1@${A}\r\n`, ['3 FROM a:1@sha256:a']],
  ['a byte order mark', `\ufeffFROM a:1@${A}`, ['1 FROM a:1@sha256:a']],
  ['quotes', `FROM "a:1@${A}"`, ['1 FROM a:1@sha256:a']],
  [
    'a build argument that is the whole reference',
    `ARG BASE="a:1@${A}"\nFROM \${BASE} AS x\nFROM $BASE\n`,
    ['1 ARG BASE a:1@sha256:a'],
  ],
  [
    'a reference of several arguments',
    `ARG V=1\nARG D=${A}\nFROM a:$V@${B}\nFROM a:1@$D\nFROM a:$NONE`,
    [
      '3 FROM a:1@sha256:b: is composed of build arguments',
      '4 FROM a:1@sha256:a: is composed of build arguments',
      '5 FROM a:$NONE: has no digest',
    ],
  ],
  [
    'an argument that is declared twice',
    `ARG B=a:1@${A}\nARG B=a:1@${B}\nFROM $B`,
    ['3 FROM a:1@sha256:b: is composed of build arguments'],
  ],
  ['no tag', `FROM a@${A}`, ['1 FROM a@sha256:a: has no tag, which would tell the digest that is current']],
  ['a digest that is none', 'FROM a:1@sha256:xyz', ['1 FROM a:1@sha256:xyz: has no sha256 digest']],
  [
    'a script that names the image where a mount may be',
    `FROM scratch\nRUN --mount=from=b:1@${B} echo from=b:1@${B}`,
    ['2 RUN --mount=from b:1@sha256:b: is written in several lines or parts'],
  ],
  ['heredocs', `FROM a:1@${A}\nRUN <<EOF\nFROM b:1@${B}\nEOF\n`, ['1 FROM a:1@sha256:a']],
])('%s', (_, text, found) => {
  expect(described(text)).toEqual(found);
});

test('only digests change, byte for byte', () => {
  const text = `\ufeff# syntax=docker/dockerfile:1@${B}\r\n# FROM a:1@${A}\r\nARG N=n:1@${A} \t\r\n\r\nFROM  \\\r\n\ta:1@${A}\t \\\r\n # a:1@${A}\r\n as a \r\nfrom $N\nCOPY --link --from=b:1@${B} a:1@${A} /\nRUN echo a:1@${A} ö 𝒳 \\\n\n  && true\nRUN --mount=from=b:1@${B},target=/ü true`;
  const expected = text
    .replace(`N=n:1@${A}`, `N=n:1@${NEW}`)
    .replace(`\ta:1@${A}`, `\ta:1@${NEW}`)
    .replaceAll(`from=b:1@${B}`, `from=b:1@${NEW}`);
  expect(bumped(text)).toBe(expected);
  expect(bumped(expected)).toBe(expected);
});

test('a change that would damage the file is not made', () => {
  const text = `FROM a:1@${A}\n`;
  const [base] = baseImagesOf(text);
  const at = (start: number) => ({ base: { ...base, digest: { start, end: start + 71 } } as BaseImage, digest: NEW });
  expect(withNewDigests(text, [at(8)])).toBeUndefined();
  expect(withNewDigests(text, [{ ...at(9), digest: 'sha256:short' }])).toBeUndefined();
  expect(withNewDigests(text, [at(9)])).toBe(`FROM a:1@${NEW}\n`);
});
