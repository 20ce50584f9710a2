/** Keys and identities. */
import type { ErrorId } from '@tidegate/core';
import type { Mistake } from '../mistake.ts';

const sign = (name: string, inputs: Readonly<Record<string, string>>, error: ErrorId, says: RegExp): Mistake => ({
  name,
  action: 'sign-image',
  after: 'scanned',
  inputs,
  sees: { error, says },
});

export const SIGNING: readonly Mistake[] = [
  {
    name: 'signs keyless without id-token: write',
    action: 'ship',
    inputs: { key: '' },
    sees: {
      error: 'id-token-denied',
      says: /^Keyless signing needs an identity token, but this job may not request one\. — Grant the job `permissions: id-token: write`/,
    },
  },
  {
    name: 'signs with a key that the repository does not have',
    action: 'ship',
    inputs: { key: '', signing: 'key' },
    sees: {
      error: 'key-missing',
      says: /^Input signing: got "key", but the signing key is empty\. — Check that the secret exists and is passed on/,
    },
  },
  sign(
    'gave no password for an encrypted key',
    { key: '{encrypted-key}' },
    'key-password-wrong',
    /^The private key is encrypted, but no password was set\. — Set key-password to its password\.$/,
  ),
  sign(
    'gave a wrong password for a key',
    { key: '{encrypted-key}', 'key-password': 'battery staple' },
    'key-password-wrong',
    /^The password does not decrypt the private key\. — Set key-password to the password that the key was created with/,
  ),
  sign(
    'gave the public key to sign with',
    { key: '{public-key}' },
    'key-wrong-kind',
    /^A public key was given where a private key is expected\. — Use the private key that belongs to it \(cosign\.key, not cosign\.pub\)\.$/,
  ),
  sign(
    'gave the path of a key that does not exist',
    { key: 'keys/cosign.key' },
    'key-unreadable',
    /^Input key: expected PEM text, or the path of a readable file\. — Check the secret: it must begin with -----BEGIN\. A path .* the file exists\.$/,
  ),
  sign(
    'lost the line ends of a key',
    { key: '{one-line-key}' },
    'key-wrong-kind',
    /^This is not a private key in PEM form\. — Set the whole PEM text of the key, .* with its line breaks\.$/,
  ),
  sign(
    'gave a key and asked for keyless',
    { signing: 'keyless' },
    'input-conflict',
    /^Input signing: got "keyless", expected key, because a key is set\. — Set signing: key, or remove the key\.$/,
  ),
  {
    name: 'gave the private key to verify with',
    action: 'push-image',
    after: 'signed',
    inputs: { 'verification-key': '{private-key}' },
    sees: {
      error: 'public-key-unusable',
      says: /^A private key was given where a public key is expected\. — Set the PEM text of a public key/,
    },
  },
  {
    name: 'verifies with the key of another pair',
    action: 'push-image',
    after: 'signed',
    inputs: { 'verification-key': '{other-public-key}' },
    sees: { error: 'gate-failed', says: /^The gate failed\. .*signed with a key that is not trusted/ },
  },
];
