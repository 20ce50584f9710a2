import { expect, test } from '@jest/globals';
import { ConnectionFailure } from '../http/connection-failure.ts';
import { invalidResponse, refusal, unreachable } from './error.ts';

const ATTEMPT = { name: 'registry.example.com/acme/app', registry: 'registry.example.com', operation: 'resolve of v1' };

const MESSAGES: Readonly<Record<string, string>> = {
  EPROTO: '40AD:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:tlsany_meth.c:77:',
};

test.each([
  ['EPROTO', 'it responds without TLS', /^If registry\.example\.com .*insecure-registries/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'the authority of its certificate is not trusted here', /SSL_CERT_FILE/],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'the authority of its certificate is not trusted here', /SSL_CERT_FILE/],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'the authority of its certificate is not trusted here', /SSL_CERT_FILE/],
  ['CERT_HAS_EXPIRED', 'its certificate is not valid at this time', /^Renew the certificate of registry\.example\.com/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another host name', /^Use the host name/],
  ['ENOTFOUND', 'the host name cannot be resolved', /^Check the spelling of registry\.example\.com/],
  ['ECONNREFUSED', 'the connection was refused', /^Check the port of registry\.example\.com/],
])('a connection that fails with %s says why, and what to do', (code, why, next) => {
  const cause = new ConnectionFailure(Object.assign(new Error(MESSAGES[code] ?? 'raw words'), { code }));
  const error = unreachable(ATTEMPT, cause);
  expect(error.message).toContain(`registry.example.com/acme/app: resolve of v1: ${why}`);
  expect(error.message).toContain(code === 'EPROTO' ? '(wrong version number).' : `(${code}).`);
  expect(error.message).not.toMatch(/SSL routines|raw words/);
  expect(error.next).toMatch(next);
});

test('any other connection error is quoted', () => {
  const error = unreachable(ATTEMPT, new ConnectionFailure(new Error('socket hang up')));
  expect(error.message).toBe('registry.example.com/acme/app: resolve of v1: socket hang up.');
  expect(error.next).toContain('Check that registry.example.com is reachable from here');
});

test.each([
  [401, 'registry-denied'],
  [403, 'registry-denied'],
  [404, 'registry-not-found'],
  [409, 'registry-conflict'],
  [412, 'registry-conflict'],
  [429, 'registry-failed'],
  [500, 'registry-failed'],
])('the status %i is the error %s', (status, id) => {
  expect(refusal(ATTEMPT, status, '')).toMatchObject({ id, message: expect.stringContaining(`${status}`) });
});

test('a response that is none of a registry has an error of its own', () => {
  expect(invalidResponse(ATTEMPT, 'it is a web page')).toMatchObject({
    id: 'registry-response-invalid',
    message: 'registry.example.com/acme/app: resolve of v1: it is a web page.',
  });
});
