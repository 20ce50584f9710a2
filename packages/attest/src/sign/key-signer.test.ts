import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, scryptSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { parsePublicKey, verifies } from '../verify/public-key.ts';
import { keySigner } from './key-signer.ts';

const PASSWORD = 'tide and gate';
const P256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ED25519 = generateKeyPairSync('ed25519');

const pkcs8 = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const encrypted = (key: KeyObject, password = PASSWORD) =>
  key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: password }).toString();
const armour = (label: string, body: Uint8Array | string) =>
  `-----BEGIN ${label}-----\n${Buffer.from(body).toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;

type KeyFile = Record<string, unknown>;

const SALT = randomBytes(32);
const derive = (password: string) => scryptSync(password, SALT, 32, { N: 32768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 });
const DERIVED = derive(PASSWORD);

/** A key file as `cosign generate-key-pair` writes it, with the cheapest of its settings. */
function cosignFile(key: KeyObject, change: (file: KeyFile) => unknown = (file) => file, password = PASSWORD): string {
  const nonce = randomBytes(24);
  const der = key.export({ type: 'pkcs8', format: 'der' });
  return JSON.stringify(
    change({
      kdf: { name: 'scrypt', params: { N: 32768, r: 8, p: 1 }, salt: SALT.toString('base64') },
      cipher: { name: 'nacl/secretbox', nonce: nonce.toString('base64') },
      ciphertext: Buffer.from(
        xsalsa20poly1305(password === PASSWORD ? DERIVED : derive(password), nonce).encrypt(der),
      ).toString('base64'),
    }),
  );
}

type SignsWith = [name: string, key: KeyObject, pem: string, password?: string];

describe('keySigner', () => {
  test.each<SignsWith>([
    ['EC P-256 as PKCS#8', P256.privateKey, pkcs8(P256.privateKey)],
    ['EC P-256 as SEC1', P256.privateKey, P256.privateKey.export({ type: 'sec1', format: 'pem' }).toString()],
    [
      'EC parameters before the key, as `openssl ecparam -genkey` writes',
      P256.privateKey,
      `${armour('EC PARAMETERS', Buffer.from('06082a8648ce3d030107', 'hex'))}${P256.privateKey.export({ type: 'sec1', format: 'pem' })}`,
    ],
    ['RSA as PKCS#8', RSA.privateKey, pkcs8(RSA.privateKey)],
    ['RSA as PKCS#1', RSA.privateKey, RSA.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()],
    ['Ed25519 as PKCS#8', ED25519.privateKey, pkcs8(ED25519.privateKey)],
    ['an encrypted PKCS#8', P256.privateKey, encrypted(P256.privateKey), PASSWORD],
    [
      "OpenSSL's old encrypted SEC1",
      P256.privateKey,
      P256.privateKey.export({ type: 'sec1', format: 'pem', cipher: 'aes-128-cbc', passphrase: PASSWORD }).toString(),
      PASSWORD,
    ],
    ["cosign's file", P256.privateKey, armour('ENCRYPTED SIGSTORE PRIVATE KEY', cosignFile(P256.privateKey)), PASSWORD],
    [
      "cosign's older file",
      ED25519.privateKey,
      armour('ENCRYPTED COSIGN PRIVATE KEY', cosignFile(ED25519.privateKey)),
      PASSWORD,
    ],
    [
      "cosign's file with an empty password, and none given",
      P256.privateKey,
      armour('ENCRYPTED SIGSTORE PRIVATE KEY', cosignFile(P256.privateKey, undefined, '')),
    ],
    ['a key with Windows line ends', P256.privateKey, pkcs8(P256.privateKey).replaceAll('\n', '\r\n')],
    ['a key with text around it', P256.privateKey, `key for CI\n${pkcs8(P256.privateKey)}\n\n`],
    ['a plain key and a password that is not needed', P256.privateKey, pkcs8(P256.privateKey), PASSWORD],
  ])('signs with %s', async (_, key, pem, ...[password]) => {
    const signer = await keySigner(pem, password);
    const message = Buffer.from('a message');
    const { signature, material } = await signer.sign(message);
    const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
    const sum = createHash('sha256').update(spki).digest();
    expect(verifies(createPublicKey(key), message, signature)).toBe(true);
    expect(material).toEqual({ kind: 'public-key', spki, hint: sum.toString('base64') });
    expect(signer.identity).toBe(`key sha256:${sum.toString('hex')}`);
    expect(parsePublicKey(signer.publicKeyPem).spki).toEqual(spki);
  });

  const P256_PEM = pkcs8(P256.privateKey);
  test.each<[string, string, string | undefined, string]>([
    ['nothing', '', undefined, 'is empty'],
    ['white space', ' \n', undefined, 'is empty'],
    ['a path', './cosign.key', undefined, 'not a private key in PEM form'],
    ['base64 without its BEGIN line', P256_PEM.split('\n')[1] ?? '', undefined, 'not a private key in PEM form'],
    ['a key whose line breaks were lost', P256_PEM.replaceAll('\n', ' '), undefined, 'not a private key in PEM form'],
    ['a key without its END line', P256_PEM.slice(0, 100), undefined, 'not a private key in PEM form'],
    ['a key with a damaged body', P256_PEM.replace(/\n.{10}/, '\nAAAAAAAAAA'), undefined, 'is damaged'],
    [
      'a key with a body that is no base64',
      armour('PRIVATE KEY', 'x').replace(/\n.*\n/, '\n????\n'),
      undefined,
      'is damaged',
    ],
    [
      'a public key',
      P256.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      undefined,
      'A public key was given',
    ],
    ['a certificate', armour('CERTIFICATE', 'x'), undefined, 'A certificate was given'],
    ['an OpenSSH key', armour('OPENSSH PRIVATE KEY', 'x'), undefined, 'An OpenSSH private key'],
    ['a PGP key', armour('PGP PRIVATE KEY BLOCK', 'x'), undefined, 'not a private key in PEM form'],
    ['an encrypted key without a password', encrypted(P256.privateKey), undefined, 'no password was set'],
    ['an encrypted key with an empty password', encrypted(P256.privateKey), '', 'does not decrypt'],
    ['an encrypted key with another password', encrypted(P256.privateKey), 'ebb', 'does not decrypt'],
    ['RSA of 1024 bits', pkcs8(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey), undefined, '1024 bits'],
    [
      'secp256k1',
      pkcs8(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey),
      undefined,
      'EC key on secp256k1',
    ],
    ['X25519', pkcs8(generateKeyPairSync('x25519').privateKey), undefined, 'key of type x25519'],
    ['Ed448', pkcs8(generateKeyPairSync('ed448').privateKey), undefined, 'key of type ed448'],
  ])('refuses %s', async (_, pem, password, why) => {
    await expectRefusal(pem, password, why);
  });

  const cosign = (change?: Parameters<typeof cosignFile>[1]) =>
    armour('ENCRYPTED SIGSTORE PRIVATE KEY', cosignFile(P256.privateKey, change));
  const params = (N: number, r = 8, p = 1) => ({
    kdf: { name: 'scrypt', params: { N, r, p }, salt: randomBytes(32).toString('base64') },
  });
  test.each<[string, string, string | undefined, string]>([
    ['no password', cosign(), undefined, 'no password was set'],
    ['another password', cosign(), 'ebb', 'does not decrypt'],
    [
      'an altered ciphertext',
      cosign((f) => ({ ...f, ciphertext: randomBytes(150).toString('base64') })),
      PASSWORD,
      'does not decrypt',
    ],
    ['a body that is no JSON', armour('ENCRYPTED SIGSTORE PRIVATE KEY', 'x'), PASSWORD, 'does not contain JSON'],
    ['a body that is null', armour('ENCRYPTED SIGSTORE PRIVATE KEY', 'null'), PASSWORD, 'is damaged'],
    ['no kdf', cosign(({ kdf, ...f }) => f), PASSWORD, 'kdf is missing'],
    ['another kdf', cosign((f) => ({ ...f, kdf: { name: 'pbkdf2' } })), PASSWORD, 'kdf.name is missing or not'],
    ['a kdf that takes 8 GiB', cosign((f) => ({ ...f, ...params(2 ** 23) })), PASSWORD, 'scrypt settings'],
    ['a kdf that is too weak', cosign((f) => ({ ...f, ...params(2) })), PASSWORD, 'scrypt settings'],
    ['a kdf that runs for hours', cosign((f) => ({ ...f, ...params(65536, 8, 100_000) })), PASSWORD, 'scrypt settings'],
    ['another cipher', cosign((f) => ({ ...f, cipher: { name: 'aes' } })), PASSWORD, 'cipher.name is missing or not'],
    [
      'a short nonce',
      cosign((f) => ({ ...f, cipher: { name: 'nacl/secretbox', nonce: 'AAAA' } })),
      PASSWORD,
      'cipher.nonce',
    ],
    ['no ciphertext', cosign(({ ciphertext, ...f }) => f), PASSWORD, 'ciphertext is missing'],
  ])("refuses cosign's file with %s", async (_, pem, password, why) => {
    await expectRefusal(pem, password, why);
  });
});

/** Expects one clear error, which contains neither the password nor any 12 consecutive characters of the key. */
async function expectRefusal(pem: string, password: string | undefined, why: string): Promise<void> {
  const error = await keySigner(pem, password).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ kind: 'bad-input', message: expect.stringContaining(why), next: expect.any(String) });
  const shown = inspect(error, { depth: 10 });
  const secrets = pem.split('\n').filter((line) => /^[A-Za-z0-9+/=]{12,}$/.test(line));
  for (const secret of secrets) expect(shown).not.toContain(secret.slice(0, 12));
  if (password) expect(shown).not.toContain(password);
}

describe('parsePublicKey', () => {
  test('reads SPKI and PKCS#1', () => {
    const spki = RSA.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const pkcs1 = RSA.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    expect(parsePublicKey(pkcs1).identity).toBe(parsePublicKey(spki).identity);
  });

  test.each([
    ['nothing', '', 'not a public key'],
    ['a private key, which would give one', pkcs8(P256.privateKey), 'A private key was given'],
    ['a certificate', armour('CERTIFICATE', 'x'), 'A certificate was given'],
    ['a damaged key', armour('PUBLIC KEY', 'x'), 'cannot be read'],
    [
      'a curve that is not signed with',
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
        .publicKey.export({ type: 'spki', format: 'pem' })
        .toString(),
      'EC key on secp256k1',
    ],
  ])('refuses %s', (_, pem, why) => {
    expect(() => parsePublicKey(pem)).toThrow(
      expect.objectContaining({ kind: 'bad-input', message: expect.stringContaining(why) }),
    );
  });
});
