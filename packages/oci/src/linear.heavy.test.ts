/** Answers of registries and content of layers: eight times as much takes eight times as long. */
import { describe, expect, test } from '@jest/globals';
import { growthOf, ignoringErrors, LINEAR_GROWTH } from '@tidegate/testkit';
import { parseChallenges, scopesFor } from './auth/challenge.ts';
import { parseRetryAfter } from './http/retry.ts';
import { archive, pax } from './layers/tar.fixture.ts';
import { TarReader } from './layers/tar.ts';
import { readPax } from './layers/tar-pax.ts';
import { parseInt64 } from './layers/tar-text.ts';

const list = <T>(length: number, of: (at: number) => T): T[] =>
  Array.from({ length: Math.ceil(length) }, (_, at) => of(at));

function readLayer(bytes: Buffer): void {
  const reader = new TarReader('a layer', () => undefined);
  // As they come from a connection.
  for (let at = 0; at < bytes.length; at += 16_384) reader.write(bytes.subarray(at, at + 16_384));
  reader.end();
}

const TEXTS: readonly (readonly [what: string, read: (text: string) => unknown, pieces: readonly string[]])[] = [
  ['challenges', parseChallenges, ['a', ' ', ',', 'a=', 'a="', '"', '\\', 'Bearer ', 'a=b,', ' ,']],
  ['scopes', (text) => scopesFor(['repository:a:pull'], text), ['a', ':', ' ', 'repository:a:', 'a:b:c ', ',']],
  ['waits', (text) => parseRetryAfter(text, 0), ['1', ' ', 'a', ',', 'Fri, ']],
  ['numbers in layers', parseInt64, ['0', '1', '+', '-']],
  ['extended headers', (text) => readPax(Buffer.from(text), 'a layer'), ['1', ' ', '9 a=bcde\n', '=', '\n', '9 ', '+']],
  [
    'long values in extended headers',
    (text) => readLayer(archive(pax({ path: text }), { name: 'a' })),
    ['a', '/', '=', '\n', '\u00e9', '\0', ' '],
  ],
  ['layers that are none', (text) => readLayer(Buffer.from(text)), ['a', '\0', 'ustar', '0']],
];

const ARCHIVES: readonly (readonly [what: string, of: (length: number) => Buffer])[] = [
  ['files', (n) => archive(...list(n / 512, (at) => ({ name: `a${at}` })))],
  ['extended headers for one file', (n) => archive(...list(n / 1024, (at) => pax({ path: `a${at}` })), { name: 'a' })],
  ['extended headers', (n) => archive(...list(n / 2048, (at) => [pax({ path: `a${at}` }), { name: 'a' }]).flat())],
  ['global headers', (n) => archive(...list(n / 1024, (at) => pax({ comment: `a${at}` }, 'g')), { name: 'a' })],
  [
    'long names',
    (n) => archive(...list(n / 1024, () => ({ name: 'a', flag: 'L', content: 'a'.repeat(500) })), { name: 'a' }),
  ],
];

describe('eight times as much takes eight times the time', () => {
  test.each(TEXTS.flatMap(([what, read, pieces]) => pieces.map((piece) => [what, piece, read] as const)))(
    '%s of %j',
    (_, piece, read) => {
      expect(growthOf(ignoringErrors(read), piece)).toBeLessThan(LINEAR_GROWTH);
    },
  );

  test.each(ARCHIVES)('layers of %s', (_, of) => expect(growthOf(readLayer, of)).toBeLessThan(LINEAR_GROWTH));
});
