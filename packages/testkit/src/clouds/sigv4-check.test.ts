import { expect, test } from '@jest/globals';
import type { CloudRequest } from './request.ts';
import { checkSignature } from './sigv4-check.ts';

/** AWS Signature Version 4 Test Suite, post-x-www-form-urlencoded. */
const signed: CloudRequest = {
  ...{ method: 'POST', host: 'example.amazonaws.com', path: '/', body: 'Param1=value1' },
  headers: {
    host: 'example.amazonaws.com',
    'content-type': 'application/x-www-form-urlencoded',
    'x-amz-date': '20150830T123600Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  },
};
const now = Date.parse('2015-08-30T12:36:00Z');
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const check = (request: Partial<CloudRequest>, over: Partial<Parameters<typeof checkSignature>[1]> = {}) =>
  checkSignature(
    { ...signed, ...request },
    { region: 'us-east-1', service: 'service', secretOf: () => SECRET, now, ...over },
  );

test("AWS's own example is valid", () => {
  expect(check({})).toEqual({ id: 'AKIDEXAMPLE' });
});

test.each<[string, Parameters<typeof check>]>([
  ['another body', [{ body: 'Param1=value2' }]],
  ['another path', [{ path: '/x' }]],
  ['another host', [{ headers: { ...signed.headers, host: 'evil.example' } }]],
  ['a header that is not signed', [{ headers: { ...signed.headers, 'x-amz-target': 'x' } }]],
  ['no signature', [{ headers: { ...signed.headers, authorization: undefined } }]],
  ['another secret', [{}, { secretOf: () => `${SECRET}x` }]],
  ['an unknown key', [{}, { secretOf: () => undefined }]],
  ['another region', [{}, { region: 'eu-west-1' }]],
  ['another service', [{}, { service: 'ecr' }]],
  ['a time more than five minutes ago', [{}, { now: now + 301_000 }]],
  ['a time in the future', [{}, { now: now - 301_000 }]],
])('%s is not', (_, given) => {
  expect(check(...given)).toEqual({ error: expect.any(String) });
});
