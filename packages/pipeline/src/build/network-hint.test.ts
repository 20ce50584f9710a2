import { describe, expect, test } from '@jest/globals';
import type { Log } from '@tidegate/core';
import { networkHint } from './network-hint.ts';

type Network = 'default' | 'none' | 'host';

/** @returns log output after a build that failed with this line */
function said(line: string, runNetwork: 'bridge' | 'host' = 'bridge', network: Network = 'default'): readonly string[] {
  const notices: string[] = [];
  const log = { notice: (text: string) => notices.push(text) } as unknown as Log;
  const hint = networkHint({ runNetwork }, { network }, log);
  hint.read(line);
  const failure = new Error('exit code 1');
  expect(() => hint.rethrow(failure)).toThrow(failure);
  return notices;
}

const REFUSED =
  '#8 0.412 psycopg2.OperationalError: connection to server at "localhost" (127.0.0.1), port 5432 failed: Connection refused';

describe('a build that fails', () => {
  test.each([
    REFUSED,
    '#7 1.03 curl: (6) Could not resolve host: example.com',
    "#9 2.1 Err:1 http://mirror.example bookworm InRelease: Temporary failure resolving 'mirror.example'",
    '#9 12.4 npm error code EAI_AGAIN',
    "#5 0.089 wget: bad address 'example.com'",
  ])('after %s is followed by what reaches the runner', (line) => {
    expect(said(line)).toEqual([expect.stringContaining('`network: host`')]);
  });

  test.each([
    '#8 [2/3] RUN echo Connection refused',
    '#8 0.412 error TS2304: Cannot find name',
    'Connection refused',
    '#8 DONE 0.1s',
  ])('after %s is not', (line) => {
    expect(said(line)).toEqual([]);
  });

  test("is not where RUN steps have the runner's network, or the workflow chose one", () => {
    expect(said(REFUSED, 'host')).toEqual([]);
    expect(said(REFUSED, 'bridge', 'none')).toEqual([]);
    expect(said(REFUSED, 'bridge', 'host')).toEqual([]);
  });
});
