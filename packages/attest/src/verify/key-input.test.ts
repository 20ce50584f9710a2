/** All errors in a key: each gives one clear message, without any part of a private key. */
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { keySigner } from '../sign/key-signer.ts';
import { parsePublicKey, verifies } from './public-key.ts';
import { bundle, type Json, RECORDED } from './recorded-sigstore.fixture.ts';
import { caught, clear, rejected, set, top } from './verify-input.fixture.ts';

const pem = (label: string, body: string) => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
const spki = (kind: () => { publicKey: { export(options: object): unknown } }) =>
  String(kind().publicKey.export({ type: 'spki', format: 'pem' }));

describe('a public key', () => {
  test.each<[string, () => string, string]>([
    ['that is empty', () => '', 'not a public key'],
    ['that is a path', () => 'cosign.pub', 'not a public key'],
    ['of rubbish', () => pem('PUBLIC KEY', 'AAAA'), 'cannot be read'],
    ['of no base64', () => pem('PUBLIC KEY', '%%%%'), 'cannot be read'],
    ['cut short', () => RECORDED.publicKey.slice(0, 90), 'cannot be read'],
    [
      'that is private',
      () =>
        generateKeyPairSync('ec', { namedCurve: 'P-256' })
          .privateKey.export({ type: 'pkcs8', format: 'pem' })
          .toString(),
      'private key was given',
    ],
    ["that is cosign's private one", () => pem('ENCRYPTED SIGSTORE PRIVATE KEY', 'AAAA'), 'private key was given'],
    [
      'that is a certificate',
      () => new X509Certificate(Buffer.from(bundle().verificationMaterial.certificate.rawBytes, 'base64')).toString(),
      'certificate was given',
    ],
    ['of OpenSSH', () => 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA x@y', 'not a public key'],
    [
      'on a curve that is not signed with',
      () => spki(() => generateKeyPairSync('ec', { namedCurve: 'secp256k1' })),
      'EC key on secp256k1',
    ],
    ['of a kind that is not signed with', () => spki(() => generateKeyPairSync('x25519')), 'key of type x25519'],
    ['of 1024 bits', () => spki(() => generateKeyPairSync('rsa', { modulusLength: 1024 })), '1024 bits'],
  ])('%s', (_, text, why) => {
    clear(
      caught(() => parsePublicKey(text())),
      'bad-input',
      why,
    );
  });
});

describe('a private key', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const encrypted = privateKey
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'right' })
    .toString();
  const cosign = (change: (file: Json) => void = () => {}) => {
    const file: Json = {
      kdf: { name: 'scrypt', params: { N: 32768, r: 8, p: 1 }, salt: Buffer.alloc(32).toString('base64') },
      cipher: { name: 'nacl/secretbox', nonce: Buffer.alloc(24).toString('base64') },
      ciphertext: Buffer.alloc(64).toString('base64'),
    };
    change(file);
    return pem('ENCRYPTED SIGSTORE PRIVATE KEY', Buffer.from(JSON.stringify(file)).toString('base64'));
  };
  test.each<[string, () => string, string | undefined, string]>([
    ['that is empty', () => '', undefined, 'is empty'],
    ['that is no PEM', () => 'hunter2', undefined, 'not a private key'],
    ['that is public', () => RECORDED.publicKey, undefined, 'public key was given'],
    [
      'without its last line',
      () => privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().slice(0, 120),
      undefined,
      'not a private key',
    ],
    ['of rubbish', () => pem('PRIVATE KEY', 'AAAA'), undefined, 'damaged'],
    ['that is encrypted, without a password', () => encrypted, undefined, 'no password was set'],
    ['with a wrong password', () => encrypted, 'wrong', 'password does not decrypt'],
    ['with an empty password', () => encrypted, '', 'password'],
    ["of cosign's, without a password", () => cosign(), undefined, 'no password was set'],
    ["of cosign's, with a wrong password", () => cosign(), 'wrong', 'password does not decrypt'],
    [
      "of cosign's, with no JSON in it",
      () => pem('ENCRYPTED SIGSTORE PRIVATE KEY', 'AAAA'),
      'x',
      'does not contain JSON',
    ],
    ["of cosign's, with another derivation", () => cosign(set((file) => file.kdf, 'name', 'argon2')), 'x', 'kdf.name'],
    [
      "of cosign's, with costs that take the machine",
      () => cosign(set((file) => file.kdf.params, 'N', 2 ** 30)),
      'x',
      'scrypt settings',
    ],
    ["of cosign's, with a short salt", () => cosign(set((file) => file.kdf, 'salt', 'AAAA')), 'x', 'kdf.salt'],
    ["of cosign's, with another cipher", () => cosign(set((file) => file.cipher, 'name', 'rot13')), 'x', 'cipher.name'],
    ["of cosign's, with a short nonce", () => cosign(set((file) => file.cipher, 'nonce', 'AAAA')), 'x', 'cipher.nonce'],
    ["of cosign's, without its text", () => cosign(set(top, 'ciphertext', undefined)), 'x', 'ciphertext'],
    ['of OpenSSH', () => pem('OPENSSH PRIVATE KEY', 'AAAA'), undefined, 'OpenSSH'],
    ['that is a certificate', () => pem('CERTIFICATE', 'AAAA'), undefined, 'certificate was given'],
    [
      'on a curve that is not signed with',
      () =>
        generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
          .privateKey.export({ type: 'pkcs8', format: 'pem' })
          .toString(),
      undefined,
      'secp256k1',
    ],
  ])('%s', async (_, text, password, why) => {
    const error = await rejected(keySigner(text(), password));
    clear(error, 'bad-input', why);
    expect(String((error as Error).stack)).not.toMatch(/hunter2|MIGHAgEAMBMG/);
  });
});

test('a key of an unsupported kind in a certificate verifies nothing, and is not a wrong input', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
  expect(verifies(publicKey, new Uint8Array(1), new Uint8Array(64))).toBe(false);
});

test('text that is not a key is an error about the public key', () => {
  expect(() => parsePublicKey('no key')).toThrow(expect.objectContaining({ id: 'public-key-unusable' }));
});
