import { expect, test } from '@jest/globals';
import { challengeOf } from './identity-token.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const SOON = NOW.getTime() / 1000 + 300;

function token(claims: object | string): string {
  const body = typeof claims === 'string' ? claims : JSON.stringify(claims);
  return ['{"alg":"RS256"}', body, 'signature'].map((part) => Buffer.from(part).toString('base64url')).join('.');
}

test.each<[string, object, string]>([
  [
    "a workflow's subject",
    { aud: 'sigstore', exp: SOON, sub: 'repo:acme/app:ref:refs/heads/main' },
    'repo:acme/app:ref:refs/heads/main',
  ],
  ['one of several audiences', { aud: ['x', 'sigstore'], exp: SOON, sub: 's' }, 's'],
  [
    "a person's verified address",
    { aud: 'sigstore', exp: SOON, sub: '1', email: 'a@b.c', email_verified: true },
    'a@b.c',
  ],
])('%s is what Fulcio wants signed', (_name, claims, challenge) => {
  expect(challengeOf(token(claims), NOW)).toBe(challenge);
});

const SECRET = 'do-not-show-this';
test.each<[string, string, RegExp]>([
  ['nothing', '', /not a JSON Web Token/],
  ['one word', SECRET, /not a JSON Web Token/],
  ['two parts', `${SECRET}.${SECRET}`, /not a JSON Web Token/],
  ['a body that is no JSON', token(SECRET), /not a JSON Web Token/],
  ['a body that is a list', token('["do-not-show-this"]'), /not a JSON Web Token/],
  ['an end in the past', token({ aud: 'sigstore', exp: SOON - 300, sub: SECRET }), /has expired/],
  ['another audience', token({ aud: SECRET, exp: SOON, sub: SECRET }), /not for sigstore/],
  ['no audience', token({ exp: SOON, sub: SECRET }), /not for sigstore/],
  ['no subject', token({ aud: 'sigstore', exp: SOON, jti: SECRET }), /no subject/],
  [
    'an address that is not verified',
    token({ aud: 'sigstore', exp: SOON, email: SECRET, email_verified: false }),
    /not verified/,
  ],
])('a token with %s is refused, and not shown', (_name, given, why) => {
  let message = '';
  try {
    challengeOf(given, NOW);
  } catch (error) {
    message = error instanceof Error ? `${error.message} ${error.cause ?? ''}` : '';
  }
  expect(message).toMatch(why);
  expect(message).not.toContain(SECRET);
});
