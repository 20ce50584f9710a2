import { expect, test } from '@jest/globals';
import { signPost } from './sigv4.ts';

const keys = { id: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', session: undefined };
const post = { host: 'example.amazonaws.com', region: 'us-east-1', service: 'service', headers: {}, body: '' };
const now = Date.parse('2015-08-30T12:36:00Z');

// AWS Signature Version 4 Test Suite: post-vanilla, post-sts-header-before and post-x-www-form-urlencoded.
const TOKEN =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';

test.each([
  [
    'a plain request',
    post,
    keys,
    'SignedHeaders=host;x-amz-date, Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  ],
  [
    'a session',
    post,
    { ...keys, session: TOKEN },
    'SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
  ],
  [
    'a body',
    { ...post, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'Param1=value1' },
    keys,
    'SignedHeaders=content-type;host;x-amz-date, Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
])('the signature of %s is that of AWS', (_, request, of, expected) => {
  expect(signPost(request, of, now).authorization).toBe(
    `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ${expected}`,
  );
});
