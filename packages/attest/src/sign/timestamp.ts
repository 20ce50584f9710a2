import { createHash, randomBytes } from 'node:crypto';
import { TidegateError } from '@tidegate/core';
import { post, type RequestContext, refused, requestFromAny, type Service, unexpected } from './service.ts';
import type { Witness } from './signer.ts';

const WHAT = 'The timestamp authority';

/** RFC 3161 timestamp of the signature, from any authority that supports HTTP (section 3.4), Sigstore's or another. */
export function timestampWitness(services: readonly Service[], asking: RequestContext): Witness {
  return {
    name: WHAT,
    async testify({ signature, goodUntil }) {
      const ask = async (service: Service) => {
        const query = timestampQuery(signature, randomBytes(8));
        const format = { accept: 'application/timestamp-reply', contentType: 'application/timestamp-query' };
        const answer = await post(service.url, query, format, asking);
        if (answer.status !== 200 && answer.status !== 201) {
          throw refused(WHAT, service, answer, 'Check the URL of this authority in signing-config.');
        }
        const status = statusOf(answer.bytes);
        if (status === undefined) throw unexpected(WHAT, service);
        if (status > 1) {
          throw new TidegateError(
            'signing-service-rejected',
            `${WHAT} at ${service.url} returned no timestamp (PKIStatus ${status}).`,
            {
              next: 'Contact its operator, or set another one in signing-config.',
            },
          );
        }
        return { rfc3161Timestamp: answer.bytes };
      };
      return requestFromAny(WHAT, services, ask, asking, goodUntil);
    },
  };
}

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTETS = 0x04;
/** AlgorithmIdentifier of SHA-256 (2.16.840.1.101.3.4.2.1) with NULL parameters, DER. */
const SHA256 = Buffer.from('300d06096086480165030402010500', 'hex');

/**
 * TimeStampReq (RFC 3161, section 2.4.1): version 1, the hash, a nonce; the authority's certificate is not requested.
 */
function timestampQuery(message: Uint8Array, nonce: Uint8Array): Uint8Array {
  const hash = createHash('sha256').update(message).digest();
  // A leading zero byte would be invalid DER, and a leading one bit would make the number negative.
  const positive = Buffer.from(nonce);
  positive[0] = ((positive[0] ?? 0) & 0x3f) | 0x40;
  return der(
    SEQUENCE,
    der(INTEGER, Buffer.from([1])),
    der(SEQUENCE, SHA256, der(OCTETS, hash)),
    der(INTEGER, positive),
  );
}

/** Every part here is shorter than 128 bytes, so the length needs one byte. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
}

/** PKIStatus of a TimeStampResp: SEQUENCE { SEQUENCE { INTEGER status … } … }; undefined for anything else. */
function statusOf(response: Buffer): number | undefined {
  const inner = contentAt(response, 0, SEQUENCE);
  const info = inner === undefined ? undefined : contentAt(response, inner, SEQUENCE);
  if (info === undefined || response[info] !== INTEGER || response[info + 1] !== 1) return undefined;
  return response[info + 2];
}

function contentAt(bytes: Buffer, at: number, tag: number): number | undefined {
  const length = bytes[at + 1];
  if (bytes[at] !== tag || length === undefined) return undefined;
  return at + 2 + (length & 0x80 ? length & 0x7f : 0);
}
