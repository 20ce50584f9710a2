/** Payload type of in-toto statements in a DSSE envelope. */
export const IN_TOTO_PAYLOAD = 'application/vnd.in-toto+json';

/**
 * DSSE v1 pre-authentication encoding: the bytes that are signed. It prevents moving the boundary between type and
 * payload.
 */
export function pae(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType, 'utf8');
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.byteLength} `, 'utf8'),
    type,
    Buffer.from(` ${payload.byteLength} `, 'utf8'),
    payload,
  ]);
}
