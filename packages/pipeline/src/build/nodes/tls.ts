import { createPrivateKey, X509Certificate } from 'node:crypto';
import { messageOf, TidegateError } from '@tidegate/core';
import type { NodeTls } from '../options.ts';

/** Codes of OpenSSL for a chain that does not end at the authority. */
const UNKNOWN_AUTHORITY = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
]);

/** Why a TLS connection to a node failed, in words for the person who set the certificates. */
export function tlsFailure(error: NodeJS.ErrnoException, address: string): string {
  const { code = '' } = error;
  if (UNKNOWN_AUTHORITY.has(code)) return 'its certificate is not signed by the authority in builder-ca';
  if (code === 'CERT_HAS_EXPIRED') return 'its certificate has expired';
  if (code === 'CERT_NOT_YET_VALID') return 'its certificate is not valid yet';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `its certificate is not for ${new URL(address).hostname}`;
  // RFC 8446, 6.2: alerts of a server that rejects the client.
  if (/ALERT_(?:BAD_CERTIFICATE|CERTIFICATE_(?:EXPIRED|UNKNOWN|REQUIRED)|UNKNOWN_CA)$/.test(code)) {
    return code.endsWith('CERTIFICATE_REQUIRED')
      ? 'it requires a client certificate'
      : 'it rejects the certificate in builder-cert';
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return 'it does not use TLS';
  return messageOf(error);
}

/**
 * Check what can be checked without a connection.
 * @throws TidegateError `bad-input` that shows nothing of the texts
 */
export function assertTls({ ca, client }: NodeTls, now: Date): void {
  const certificates: [input: string, text: string][] = [['builder-ca', ca]];
  if (client) certificates.push(['builder-cert', client.cert]);
  for (const [input, text] of certificates) {
    const certificate = readOrRefuse(input, 'a certificate', () => new X509Certificate(text));
    if (new Date(certificate.validTo) < now) {
      throw refused(input, `the certificate has expired on ${certificate.validTo}`, 'Issue a new one.');
    }
  }
  if (!client) return;
  const key = readOrRefuse('builder-key', 'an unencrypted private key', () => createPrivateKey(client.key));
  if (!new X509Certificate(client.cert).checkPrivateKey(key)) {
    throw refused('builder-key', 'it does not belong to the certificate in builder-cert', 'Set the matching pair.');
  }
}

function readOrRefuse<T>(input: string, expected: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw refused(
      input,
      `it is not ${expected} in PEM format`,
      'Set the text of the PEM file, with its first and last line.',
    );
  }
}

function refused(input: string, why: string, next: string): TidegateError {
  return new TidegateError('builder-tls-invalid', `Input ${input}: ${why}. Its content is not shown.`, { next });
}
