import { describe, expect, test } from '@jest/globals';
import { instructionOf } from '../contents/history.ts';
import { secretsIn, secretsInConfig } from '../contents/secrets.ts';
import { credentialsIn } from './find.ts';
import { FORMS } from './forms.ts';

/** The process's own time, the least of several runs: a busy machine proves nothing. Microseconds. */
function timeOf(work: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run += 1) {
    const started = process.cpuUsage();
    work();
    least = Math.min(least, process.cpuUsage(started).user);
  }
  return least;
}

const TELLING = 3000;
const LARGEST = 2 ** 18;

/** Eight times the text takes about eight times the time, and not 64 times. */
function expectLinear(search: (text: string) => void, piece: string): void {
  const of = (length: number) => piece.repeat(Math.ceil(length / piece.length));
  let size = 2 ** 14;
  let once = timeOf(() => search(of(size)));
  while (once < TELLING && size < LARGEST) {
    size *= 2;
    once = timeOf(() => search(of(size)));
  }
  const text = of(8 * size);
  expect(timeOf(() => search(text)) / Math.max(once, TELLING)).toBeLessThan(24);
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

  test.each(['_auth ', '_auth', ':', ':a', '"auth" : ', '"auth":"', 'password ', '://a:b', 'token:', '[a]', ' \t'])(
    'files known by their names, of %j',
    (piece) => {
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
    },
  );
});
