import { createPublicKey, sign as signWith } from 'node:crypto';
import { promisify } from 'node:util';
import { hashesOf, type PublicKey, publicKeyOf } from '../verify/public-key.ts';
import { parsePrivateKey } from './private-key.ts';
import type { Signer } from './signer.ts';

export interface KeySigner extends Signer {
  readonly publicKey: PublicKey;
  /** SPKI, PEM: the format for `cosign verify --key`. */
  readonly publicKeyPem: string;
}

const signAsync = promisify(signWith) as (
  hash: string | null,
  message: Uint8Array,
  key: Parameters<typeof signWith>[2],
) => Promise<Buffer>;

/**
 * Sign with a private key in memory.
 * @param password of an encrypted key; undefined if none was given.
 * @throws TidegateError `signature`: not a key, wrong password, or unsupported kind of key. Never shows the key.
 */
export async function keySigner(pem: string, password?: string): Promise<KeySigner> {
  const privateKey = await parsePrivateKey(pem, password);
  const [hash] = hashesOf(privateKey);
  const publicObject = createPublicKey(privateKey);
  const publicKey = publicKeyOf(publicObject);
  return {
    identity: publicKey.identity,
    publicKey,
    publicKeyPem: publicObject.export({ type: 'spki', format: 'pem' }).toString(),
    async sign(pae) {
      const signature = await signAsync(hash, pae, privateKey);
      return { signature, material: { kind: 'public-key', spki: publicKey.spki, hint: publicKey.hint } };
    },
  };
}
