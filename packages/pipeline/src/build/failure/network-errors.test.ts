import { expect, test } from '@jest/globals';
import type { Facts } from './facts.ts';
import { downloadFailed } from './file-causes.ts';
import { networkError } from './network-errors.ts';

test.each([
  ['dial tcp: lookup mirror.example on 127.0.0.53:53: no such host', 'no such host'],
  ['dial tcp 192.0.2.1:443: connect: connection refused', 'connection refused'],
  ['net/http: TLS handshake timeout', 'TLS handshake timeout'],
  [
    'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'x509: certificate signed by unknown authority',
  ],
  ['no such host is listed in hosts.txt', undefined],
])('the network error in %j is %j', (text, error) => {
  expect(networkError(text)).toBe(error);
});

test('a failed ADD of a URL names the certificate error', async () => {
  const reason = 'failed to load cache key: Get "https://example.com/x": x509: certificate has expired';
  const facts = { reason, keyword: 'ADD', instruction: 'ADD https://example.com/x /x' } as Facts;
  expect(await downloadFailed(facts)).toMatchObject({
    id: 'build-download',
    message: 'the download failed (x509: certificate has expired).',
  });
});
