import { expect, test } from '@jest/globals';
import { TidegateError } from '@tidegate/core';
import { isTransient } from './transient.ts';

const NEXT = { next: 'Check it.' };
const of = (reason: string, error = new TidegateError('base-rejected', reason, NEXT)) =>
  isTransient(error, { reason, step: undefined, excerpt: undefined });
const RUN = 'process "/bin/sh -c make" did not complete successfully: exit code: 1';

test.each([
  'x: failed to resolve source metadata for ghcr.io/a/b:1: unexpected status from HEAD request to https://ghcr.io/v2/a/b/manifests/1: 503 Service Unavailable',
  'failed to copy: httpReadSeeker: failed open: unexpected status code https://ghcr.io/v2/a/b/blobs/sha256:ab: 502 Bad Gateway',
  'failed to do request: Head "https://ghcr.io/v2/": read tcp 10.0.0.1:1->10.0.0.2:443: read: connection reset by peer',
  'failed to do request: Head "https://ghcr.io/v2/": dial tcp 10.0.0.2:443: i/o timeout',
  'failed to do request: Head "https://ghcr.io/v2/": net/http: TLS handshake timeout',
  'failed to do request: Head "https://ghcr.io/v2/": EOF',
  'failed to do request: Head "https://ghcr.io/v2/": dial tcp: lookup ghcr.io: Temporary failure in name resolution',
  'dial tcp: lookup ghcr.io on 127.0.0.53:53: server misbehaving',
  'invalid response status 503',
])('passes: %s', (reason) => {
  expect(of(reason)).toBe(true);
});

test.each([
  'unexpected status from HEAD request to https://registry-1.docker.io/v2/library/x/manifests/1: 429 Too Many Requests',
  'toomanyrequests: You have reached your pull rate limit: 503 Service Unavailable',
  'unexpected status from HEAD request to https://ghcr.io/v2/a/b/manifests/1: 403 Forbidden',
  'dial tcp: lookup nowhere.example: no such host',
  'dial tcp 127.0.0.1:1: connect: connection refused',
  'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  'ghcr.io/a/b:1: not found',
  'invalid response status 404',
  'target stage "x" could not be found',
])('does not pass: %s', (reason) => {
  expect(of(reason)).toBe(false);
});

test('a program that failed is repeated only if the name service said that its failure is temporary', () => {
  const program = (id: 'build-network' | 'build-step', words: string) => of(RUN, new TidegateError(id, words, NEXT));
  const temporary = 'Temporary failure in name resolution';
  expect(program('build-network', `E: ${temporary}.`)).toBe(true);
  expect(program('build-network', 'curl: (7) Connection refused.')).toBe(false);
  expect(program('build-step', `expected "${temporary}" in the test (exit code 1).`)).toBe(false);
});

test('a build that was cancelled or never began is not repeated', () => {
  expect(isTransient(new Error('503 Service Unavailable'), undefined)).toBe(false);
});
