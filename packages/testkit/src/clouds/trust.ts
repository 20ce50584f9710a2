import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';

/** Trust of a cloud: tokens of one issuer, for its audience, with one subject. */
export interface CloudTrust {
  readonly issuer: string;
  readonly subject: string;
}

/** The first claim that is not as trusted. Each service has its own words for it. */
export type Distrust = 'signature' | 'issuer' | 'expired' | 'audience' | 'subject';

/** RFC 7519, with the keys from the issuer's discovery document, as every cloud gets them. */
export async function distrust(token: string, audience: string, trust: CloudTrust): Promise<Distrust | undefined> {
  const [head = '', payload = '', signature = ''] = token.split('.');
  const part = (text: string) => Object(JSON.parse(Buffer.from(text, 'base64url').toString('utf8') || '{}'));
  const { iss, aud, sub, exp } = part(payload) as Record<string, unknown>;
  if (iss !== trust.issuer) return 'issuer';
  const { jwks_uri: at } = await document(`${trust.issuer}/.well-known/openid-configuration`);
  const { keys } = (await document(String(at))) as unknown as { keys: (JsonWebKey & { kid: string })[] };
  const jwk = keys.find(({ kid }) => kid === part(head).kid);
  const isSigned =
    jwk !== undefined &&
    verify(
      'sha256',
      Buffer.from(`${head}.${payload}`),
      createPublicKey({ key: jwk, format: 'jwk' }),
      Buffer.from(signature, 'base64url'),
    );
  if (!isSigned) return 'signature';
  if (typeof exp !== 'number' || exp * 1000 <= Date.now()) return 'expired';
  if (aud !== audience) return 'audience';
  return sub === trust.subject ? undefined : 'subject';
}

async function document(url: string): Promise<Record<string, unknown>> {
  return (await (await fetch(url)).json()) as Record<string, unknown>;
}
