import { describe, expect, test } from '@jest/globals';
import { growthOf, LINEAR_GROWTH } from '@tidegate/testkit';
import { instructionOf } from '../contents/history.ts';
import { secretsIn, secretsInConfig } from '../contents/secrets.ts';
import { credentialsIn } from './find.ts';
import { FORMS } from './forms.ts';

/** A text eight times as long takes about eight times as long, not 64 times. */
function expectLinear(search: (text: string) => void, piece: string): void {
  expect(growthOf(search, piece)).toBeLessThan(LINEAR_GROWTH);
}

const BODY = 'aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA';

describe('eight times the text takes eight times the time', () => {
  test.each(
    FORMS.flatMap(({ what, begins }) => {
      const [begin = ''] = begins;
      return [
        [`${what}: ${begin} again and again`, begin],
        [`${what}: ${begin} with a body`, `${begin}${BODY}`],
        [`${what}: ${begin} on lines`, `${begin}\n`],
      ] as const;
    }),
  )('%s', (_, piece) => {
    expectLinear((text) => credentialsIn(text, 'configuration'), piece);
  });

  test.each(['A_TOKEN=', 'A_TOKEN="', 'RUN |1 ', ' /bin/sh ', ' /x -', 'a', ' ', 'A=b ', '://a:', "TOKEN='"])(
    'history of %j',
    (piece) => {
      expectLinear((text) => secretsInConfig(JSON.stringify({ history: [{ created_by: `RUN |1 ${text}` }] })), piece);
      expectLinear((text) => instructionOf(`RUN |1 ${text}`), piece);
    },
  );

  test.each([
    '_auth ',
    '_auth',
    ':',
    ':a',
    '"auth" : ',
    '"auth":"',
    'password ',
    '://a:b',
    'token:',
    '[a]',
    ' \t',
    '\r',
    '\u2028:',
    '_auth = \r',
  ])('files known by their names, of %j', (piece) => {
    for (const path of [
      '/a/.npmrc',
      '/a/.pgpass',
      '/a/.docker/config.json',
      '/a/.netrc',
      '/a/.env',
      '/a/.git-credentials',
    ]) {
      expectLinear((text) => secretsIn(path, Buffer.from(text)), piece);
    }
  });
});
