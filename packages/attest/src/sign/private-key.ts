import { createPrivateKey, type KeyObject } from 'node:crypto';
import { TidegateError } from '@tidegate/core';
import { openCosignKey, WrongPassword } from './cosign-key-file.ts';

const BEGIN = /-----BEGIN ([A-Z0-9 ]{1,100})-----\r?\n/y;
const COSIGN = new Set(['ENCRYPTED SIGSTORE PRIVATE KEY', 'ENCRYPTED COSIGN PRIVATE KEY']);
const PLAIN = new Set(['PRIVATE KEY', 'EC PRIVATE KEY', 'RSA PRIVATE KEY', 'ENCRYPTED PRIVATE KEY']);

/**
 * Parse a private key from PEM: PKCS#8 (plain or encrypted), SEC1, PKCS#1, or cosign's own encrypted file. No error of
 * this function contains any part of the key or the password, nor a cause that could.
 * @throws TidegateError `signature`
 */
export async function parsePrivateKey(pem: string, password?: string): Promise<KeyObject> {
  const blocks = blocksOf(pem);
  const block = blocks.find(({ label }) => COSIGN.has(label) || PLAIN.has(label));
  if (!block) throw notAKey(pem, blocks[0]?.label);
  if (COSIGN.has(block.label)) {
    // cosign allows an empty password, and an action's input cannot distinguish empty from not given.
    const der = await openCosignKey(Buffer.from(block.body, 'base64'), password ?? '').catch((error: unknown) => {
      throw password === undefined && error instanceof WrongPassword ? passwordMissing() : error;
    });
    return read(() => createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' }), password ?? '');
  }
  // PEM has two markers for encryption: the label of PKCS#8, and OpenSSL's old header lines.
  const encrypted = block.label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type: 4,ENCRYPTED/m.test(block.body);
  if (encrypted && password === undefined) throw passwordMissing();
  const passphrase = encrypted && password !== undefined ? { passphrase: password } : {};
  return read(() => createPrivateKey({ key: block.text, format: 'pem', ...passphrase }), passphrase.passphrase);
}

interface Block {
  readonly label: string;
  readonly text: string;
  readonly body: string;
}

/** Maximum number of blocks without an end: for each of them the search continues to the end of the text. */
const MOST_OPEN = 16;

function blocksOf(pem: string): readonly Block[] {
  const blocks: Block[] = [];
  let open = 0;
  for (let at = pem.indexOf('-----BEGIN '); at >= 0; at = pem.indexOf('-----BEGIN ', at)) {
    BEGIN.lastIndex = at;
    const [begin, label] = BEGIN.exec(pem) ?? [];
    if (begin === undefined || label === undefined) {
      at += 1;
      continue;
    }
    const last = `-----END ${label}-----`;
    const end = pem.indexOf(last, at);
    if (end < 0) {
      at += 1;
      open += 1;
      if (open > MOST_OPEN) break;
      continue;
    }
    blocks.push({ label, text: pem.slice(at, end + last.length), body: pem.slice(at + begin.length, end) });
    at = end;
  }
  return blocks;
}

function read(parse: () => KeyObject, passphrase: string | undefined): KeyObject {
  try {
    return parse();
  } catch {
    if (passphrase !== undefined) {
      throw new TidegateError(
        'key-password-wrong',
        'The password does not decrypt the private key, or the key is damaged.',
        {
          next: 'Set key-password to the password that the key was created with, and key to the whole PEM text.',
        },
      );
    }
    throw new TidegateError('key-damaged', 'The private key is damaged: its PEM text contains no key.', {
      next: WHOLE,
    });
  }
}

const WHOLE = 'Set the whole PEM text of the key, from its BEGIN line to its END line, with its line breaks.';

function notAKey(pem: string, label: string | undefined): TidegateError {
  if (label?.endsWith('PUBLIC KEY')) {
    return new TidegateError('key-wrong-kind', 'A public key was given where a private key is expected.', {
      next: 'Use the private key that belongs to it (cosign.key, not cosign.pub).',
    });
  }
  if (label === 'CERTIFICATE') {
    return new TidegateError('key-wrong-kind', 'A certificate was given where a private key is expected.', {
      next: 'Use the private key itself.',
    });
  }
  if (label === 'OPENSSH PRIVATE KEY') {
    return new TidegateError('key-wrong-kind', 'An OpenSSH private key cannot be used to sign images.', {
      next: 'Create a key with `cosign generate-key-pair`, or `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`.',
    });
  }
  if (pem.trim() === '') {
    return new TidegateError('key-wrong-kind', 'The private key is empty.', {
      next: 'Check that the secret is set and that this event has access to it: pull requests from forks do not.',
    });
  }
  // Show only a well-known label: anything else may be key material.
  return new TidegateError('key-wrong-kind', 'This is not a private key in PEM form.', { next: WHOLE });
}

function passwordMissing(): TidegateError {
  return new TidegateError('key-password-wrong', 'The private key is encrypted, but no password was set.', {
    next: 'Set key-password to its password.',
  });
}
