import { createHash, createHmac } from 'node:crypto';
import type { CloudRequest } from './request.ts';

interface Expected {
  readonly region: string;
  readonly service: string;
  /** By access key ID. */
  readonly secretOf: (id: string) => string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Verifies a Signature Version 4 in the Authorization header (IAM User Guide, "Elements of an AWS API request signature"
 * and "Create a signed request"): computed from the request as it arrived, so that nothing signed may be missing.
 * @returns the access key ID, or the error that AWS reports
 */
export function checkSignature(
  request: CloudRequest,
  expected: Expected,
): { readonly id: string } | { readonly error: string } {
  const line = request.headers.authorization ?? '';
  const [, id = '', scope = '', signed = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(line) ?? [];
  if (signature === undefined) return { error: 'IncompleteSignatureException' };
  const names = signed.split(';');
  // "The host header must be included", and so must each x-amz-* header that is sent.
  const required = ['host', ...Object.keys(request.headers).filter((name) => name.startsWith('x-amz-'))];
  if (required.some((name) => !names.includes(name)) || names.join() !== names.toSorted().join()) {
    return { error: 'IncompleteSignatureException' };
  }
  const time = request.headers['x-amz-date'] ?? '';
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time) ?? [];
  const sent = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
  if (!(Math.abs(sent - expected.now) <= 5 * 60_000)) return { error: 'InvalidSignatureException: Signature expired' };
  const day = time.slice(0, 8);
  if (scope !== `${day}/${expected.region}/${expected.service}/aws4_request`) {
    return { error: 'InvalidSignatureException: Credential should be scoped to a valid region and service' };
  }
  const secret = expected.secretOf(id);
  if (secret === undefined) return { error: 'UnrecognizedClientException' };
  const hash = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');
  const canonical = [
    request.method,
    request.path,
    '',
    ...names.map((name) => `${name}:${(request.headers[name] ?? '').trim()}`),
    '',
    signed,
    hash(request.body),
  ].join('\n');
  const mac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text, 'utf8').digest();
  const key = mac(mac(mac(mac(`AWS4${secret}`, day), expected.region), expected.service), 'aws4_request');
  const own = mac(key, ['AWS4-HMAC-SHA256', time, scope, hash(canonical)].join('\n')).toString('hex');
  return own === signature
    ? { id }
    : { error: 'InvalidSignatureException: The request signature we calculated does not match' };
}
