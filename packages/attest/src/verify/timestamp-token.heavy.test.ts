/** Timestamps of an authority other than Sigstore's: OpenSSL's, with certificates that are valid or almost valid. */
import { execFile } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Bundle, TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { digestOf } from '@tidegate/core';
import { makeBundle } from '../bundle/bundle.ts';
import { signatureStatement } from '../bundle/signature.ts';
import { type KeySigner, keySigner } from '../sign/key-signer.ts';
import type { Witness } from '../sign/signer.ts';
import { newKey } from '../sound.fixture.ts';
import { readTrustedRoots } from './trusted-root.ts';
import { type Trust, verifyBundle } from './verify.ts';

const execute = promisify(execFile);
const IMAGE = digestOf('an image');
let folder = '';
let signer: KeySigner;

const CONFIG = `
[req]
distinguished_name = name
prompt = no
[name]
O = Tidegate tests
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[limited]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
nameConstraints = critical, permitted;DNS:example.org
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[lax]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = timeStamping
[tsa]
default_tsa = ours
[ours]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha384, sha512
ess_cert_id_chain = no
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-timestamps-'));
  await writeFile(join(folder, 'openssl.cnf'), CONFIG);
  await writeFile(join(folder, 'serial'), '01');
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];
  const request = ['req', '-config', 'openssl.cnf'];
  for (const name of ['root', 'limited']) {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
    await openssl(...request, '-subj', `/CN=${name}`, '-x509', '-days', '9', '-extensions', name, ...made, ...files);
  }
  await openssl(...request, '-subj', '/CN=timestamps', ...made, '-keyout', 'leaf.key', '-out', 'leaf.csr');
  // All with the same key, name and serial number. `again` is another certificate: it expires a day later.
  await certify('leaf', 'root', 'leaf', 7);
  await certify('again', 'root', 'leaf', 8);
  await certify('lax', 'root', 'lax', 7);
  await certify('below-limited', 'limited', 'leaf', 7);
  signer = await keySigner(newKey());
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

const openssl = (...argv: readonly string[]) => execute('openssl', argv, { cwd: folder, timeout: 60_000 });

async function certify(name: string, by: string, extensions: string, days: number): Promise<void> {
  await openssl(
    ...['x509', '-req', '-in', 'leaf.csr', '-days', `${days}`, '-set_serial', '7', '-out', `${name}.pem`],
    ...['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-extfile', 'openssl.cnf', '-extensions', extensions],
  );
}

/**
 * A timestamp of the signature by OpenSSL's authority. `hash` is the hash algorithm with which the token names the
 * certificate.
 */
const authority = (hash: string, certificate = 'leaf'): Witness => ({
  name: 'OpenSSL',
  async testify({ signature }) {
    await writeFile(join(folder, 'signature'), signature);
    await writeFile(join(folder, 'tsa.cnf'), `${CONFIG}\ness_cert_id_alg = ${hash}\n`);
    await openssl('ts', '-query', '-data', 'signature', '-sha256', '-cert', '-out', 'query');
    await openssl(
      ...['ts', '-reply', '-config', 'tsa.cnf', '-queryfile', 'query', '-out', 'reply'],
      ...['-inkey', 'leaf.key', '-signer', `${certificate}.pem`],
    );
    return { rfc3161Timestamp: await readFile(join(folder, 'reply')) };
  },
});

async function rootOf(...chains: readonly (readonly string[])[]): Promise<object> {
  const raw = async (name: string) => {
    const pem = await readFile(join(folder, `${name}.pem`), 'utf8');
    return { rawBytes: /-----BEGIN CERTIFICATE-----([\s\S]+?)-----END/.exec(pem)?.[1]?.replace(/\s/g, '') };
  };
  const authorities = chains.map(async (chain) => ({
    uri: 'http://127.0.0.1',
    certChain: { certificates: await Promise.all(chain.map(raw)) },
  }));
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    timestampAuthorities: await Promise.all(authorities),
  };
}

const trusting = async (root: object): Promise<Trust> => ({
  publicKeys: [signer.publicKey],
  roots: await readTrustedRoots(Buffer.from(JSON.stringify(root)), 'root.json'),
  log: 'optional',
  timestamp: 'required',
});

const stamped = (witness: Witness) => makeBundle(signatureStatement(IMAGE).bytes, signer, [witness]);

/** The result of @sigstore/verify alone. */
function libraryAccepts(bundle: Uint8Array, root: object): boolean {
  const key = createPublicKey(signer.publicKeyPem);
  const keys = () => ({ publicKey: key, validFor: () => true });
  const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(root), keys), { tlogThreshold: 0 });
  verifier.verify(toSignedEntity(Bundle.fromJSON(JSON.parse(Buffer.from(bundle).toString())) as never));
  return true;
}

describe("a timestamp names its authority's certificate", () => {
  test.each(['sha1', 'sha256', 'sha384', 'sha512'])('by %s, and counts', async (hash) => {
    const trust = await trusting(await rootOf(['leaf', 'root']));
    const { signer: by } = verifyBundle(await stamped(authority(hash)), trust, IMAGE);
    expect(by.times).toHaveLength(1);
    expect(Math.abs((by.times[0]?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  // RFC 3161, 2.2: the requester must check the hash. The library checks the certificate's name and number.
  test.each(['sha1', 'sha256', 'sha384', 'sha512'])('by %s, and not by its name and number', async (hash) => {
    const bundle = await stamped(authority(hash));
    const root = await rootOf(['again', 'root']);
    expect(libraryAccepts(bundle, root)).toBe(true);
    expect(() => verifyBundle(bundle, { ...signerOnly() }, IMAGE)).not.toThrow();
    const trust = await trusting(root);
    expect(() => verifyBundle(bundle, trust, IMAGE)).toThrow("a certificate that is not its authority's");
  });

  test('and counts where the other one is trusted beside it', async () => {
    const trust = await trusting(await rootOf(['again', 'root'], ['leaf', 'root']));
    expect(verifyBundle(await stamped(authority('sha256')), trust, IMAGE).signer.times).toHaveLength(1);
    expect(verifyBundle(await stamped(authority('sha256', 'again')), trust, IMAGE).signer.times).toHaveLength(1);
  });
});

describe('a trusted root is refused', () => {
  test.each<[string, readonly string[], string]>([
    ['whose authority does not say critically that it is for time stamping', ['lax', 'root'], 'RFC 3161, 2.3'],
    ['with name constraints, which nobody here applies', ['below-limited', 'limited'], '2.5.29.30'],
    ['whose authority is a root', ['root'], 'RFC 3161, 2.3'],
  ])('%s', async (_, chain, why) => {
    const root = await rootOf(chain);
    await expect(readTrustedRoots(Buffer.from(JSON.stringify(root)), 'root.json')).rejects.toThrow(why);
    // The library accepts it.
    expect(() => toTrustMaterial(TrustedRoot.fromJSON(root))).not.toThrow();
  });
});

function signerOnly(): Trust {
  return { publicKeys: [signer.publicKey] };
}
