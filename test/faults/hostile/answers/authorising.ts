/** Challenges of a registry, and the answers of its token service. */
import type { HostileCase } from '../case.ts';
import { type Answer, answering, endless, json, resolve } from './registry.ts';

const denied = (more: string) => ({ status: 401, headers: { 'www-authenticate': more } });
const tokens =
  (answer: Answer) =>
  (path: string, _: string, host: string): Answer =>
    path.startsWith('/token') ? answer : denied(`Bearer realm="http://${host}/token",service="x"`);

export const authorising: readonly HostileCase[] = [
  ...(
    [
      'Bearer',
      'Bearer realm=""',
      'Bearer realm="/token"',
      'Bearer realm="file:///etc/passwd"',
      'Bearer realm="javascript:alert(1)"',
      'Bearer realm="http://evil.example/token"',
      'Bearer realm="http://127.0.0.1:1/token"',
      'Bearer realm="https://user:pass@evil.example/token"',
      'Bearer realm="https://ghcr.io\\\\@evil.example/token"',
      'Digest realm="x", nonce="y"',
      'Negotiate',
      'NTLM TlRMTVNTUAABAAAA',
      'Basic',
      '"""""',
      '=====',
      `Bearer realm="${'x'.repeat(9000)}"`,
      `${'Bearer '.repeat(1000)}`,
      `Basic ${'a="b",'.repeat(1000)}`,
    ] as const
  ).map((line) =>
    answering(`wants ${JSON.stringify(line.slice(0, 60))} for ever`, resolve, () => denied(line), /^(?!.*hunter2)/s),
  ),
  answering('says 401 and not what for', resolve, () => ({ status: 401 })),
  answering('says 403 and repeats what it was sent', resolve, () => ({
    status: 403,
    headers: json,
    body: JSON.stringify({ errors: [{ code: 'DENIED', message: 'not hunter2-secret' }] }),
  })),
  ...(
    [
      ['nothing', ''],
      ['HTML', '<html>hunter2-secret</html>'],
      ['null', 'null'],
      ['a number', '5'],
      ['an empty token', '{"token":""}'],
      ['a token that is an object', '{"token":{}}'],
      ['a token with a line break', '{"token":"a\\r\\nx-evil: 1"}'],
      ['a token of spaces', '{"token":"a b"}'],
      ['a token of other letters', '{"token":"\\u00e9"}'],
      ['an error', '{"error":"invalid_grant"}'],
      ['two megabytes', `{"token":"${'x'.repeat(2_000_000)}"}`],
      ['two million brackets', '['.repeat(900_000)],
    ] as const
  ).map(([what, body]) =>
    answering(`gives ${what} for a token`, resolve, tokens({ status: 200, headers: json, body }), /^(?!.*hunter2)/s),
  ),
  answering('gives a token without end', resolve, tokens({ status: 200, headers: json, body: endless })),
  ...[201, 204, 301, 400, 401, 403, 404, 429, 500, 503].map((status) =>
    answering(
      `answers ${status} for a token`,
      resolve,
      tokens({ status, headers: { location: 'http://127.0.0.1:1/' } }),
    ),
  ),
  answering('takes no token that it gave', resolve, tokens({ status: 200, headers: json, body: '{"token":"t"}' })),
];
