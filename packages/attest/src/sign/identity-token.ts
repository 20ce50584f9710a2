import { isRecord, TidegateError } from '@tidegate/core';

/** Source of tokens. A new one is requested for each certificate, because they live for minutes. */
export type IdentityTokens = (audience: string) => Promise<string>;

/** The audience that public Fulcios require in a token, and others by default. */
export const SIGSTORE_AUDIENCE = 'sigstore';

/** @throws TidegateError `signature` for an invalid token, or one that Fulcio would reject. Never shows the token. */
export function assertUsable(token: string, now: Date, audience = SIGSTORE_AUDIENCE): void {
  challengeOf(token, now, audience);
}

/**
 * The claim that Fulcio requires to be signed as proof of possession of the key: the verified mail address of a person,
 * otherwise the subject (fulcio docs/how-certificate-issuing-works.md).
 * @throws as `assertUsable`
 */
export function challengeOf(token: string, now: Date, audience = SIGSTORE_AUDIENCE): string {
  const { aud, exp, sub, email, email_verified: verified } = claimsOf(token);
  if (typeof exp === 'number' && exp * 1000 <= now.getTime()) {
    throw unusable('It has expired.', 'Request a new identity token right before signing.');
  }
  if (![aud].flat().includes(audience)) {
    const next = `Request an identity token with the audience ${audience}.`;
    throw unusable(`It is not for ${audience}.`, next);
  }
  if (typeof email === 'string' && email !== '') {
    if (verified === false) throw unusable('Its mail address is not verified.', 'Verify the address with the issuer.');
    return email;
  }
  if (typeof sub === 'string' && sub !== '') return sub;
  throw unusable(
    'It has no subject.',
    'Request an OpenID Connect identity token from the issuer, not an access token.',
  );
}

function claimsOf(token: string): Readonly<Record<string, unknown>> {
  const [, body, ...rest] = token.split('.');
  if (body !== undefined && rest.length === 1) {
    try {
      const claims: unknown = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
      if (isRecord(claims)) return { ...claims };
    } catch {
      // JSON.parse quotes its input, a part of the token: the error is reported below without it.
    }
  }
  throw unusable(
    'It is not a JSON Web Token.',
    'Set the token itself, or the path of a file that contains only the token.',
  );
}

function unusable(why: string, next: string): TidegateError {
  return new TidegateError('id-token-invalid', `The identity token cannot be used. ${why}`, { next });
}
