import { scrypt } from 'node:crypto';
import { TidegateError } from '@tidegate/core';
import * as v from 'valibot';

const base64 = (bytes?: number) =>
  v.pipe(
    v.string(),
    v.base64(),
    v.transform((text) => Uint8Array.from(Buffer.from(text, 'base64'))),
    v.check((value) => bytes === undefined || value.byteLength === bytes, 'wrong length'),
  );

/** Contents of cosign's PEM armor: the format of go-securesystemslib/encrypted. */
const KeyFile = v.object({
  kdf: v.object({
    name: v.literal('scrypt'),
    params: v.object({ N: v.number(), r: v.number(), p: v.number() }),
    salt: base64(32),
  }),
  cipher: v.object({ name: v.literal('nacl/secretbox'), nonce: base64(24) }),
  ciphertext: base64(),
});

/**
 * The only three settings that Go's writer has used (legacy, standard, OWASP). Others are rejected, as in Go: an
 * untrusted file with a huge N exhausts the machine's memory, and a small N means that the file was made to be cracked.
 */
const SETTINGS = new Set(['32768 8 1', '65536 8 1', '131072 8 1']);
const SCRYPT_MEMORY = 256 * 1024 * 1024;

export class WrongPassword extends TidegateError {
  constructor() {
    super('key-password-wrong', 'The password does not decrypt the private key.', {
      next: 'Set key-password to the password that the key was created with (COSIGN_PASSWORD at that time).',
    });
  }
}

/**
 * Decrypt the body of an `ENCRYPTED SIGSTORE PRIVATE KEY` (or `… COSIGN …`): scrypt, then nacl secretbox.
 * @returns the PKCS#8 DER of the key
 * @throws TidegateError `signature` when the file is damaged or the password is wrong
 */
export async function openCosignKey(body: Uint8Array, password: string): Promise<Uint8Array> {
  const file = read(body);
  const { N, r, p } = file.kdf.params;
  if (!SETTINGS.has(`${N} ${r} ${p}`)) throw damaged('cosign does not use its scrypt settings');
  const key = await new Promise<Buffer>((resolve, reject) => {
    scrypt(password, file.kdf.salt, 32, { N, r, p, maxmem: SCRYPT_MEMORY }, (error, derived) =>
      error ? reject(error) : resolve(derived),
    );
  });
  // Most jobs sign keyless and need no cipher.
  const { xsalsa20poly1305 } = await import('@noble/ciphers/salsa.js');
  try {
    return xsalsa20poly1305(key, file.cipher.nonce).decrypt(file.ciphertext);
  } catch {
    // The cipher reports only "invalid tag", which means a wrong password.
    throw new WrongPassword();
  }
}

function read(body: Uint8Array): v.InferOutput<typeof KeyFile> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    // JSON.parse quotes its input, which may be key material: attach no cause.
    throw damaged('it does not contain JSON');
  }
  const result = v.safeParse(KeyFile, value);
  if (result.success) return result.output;
  throw damaged(`${v.getDotPath(result.issues[0]) ?? 'it'} is missing or not in cosign's format`);
}

function damaged(why: string): TidegateError {
  return new TidegateError('key-damaged', `The encrypted private key is damaged: ${why}.`, {
    next: 'Set the whole text of cosign.key, as written by `cosign generate-key-pair`.',
  });
}
