import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { developerEnvironment, developerRun } from '../programs/developer.ts';

/** Extensions that Fulcio and RFC 3161, section 2.3, require. */
const OPENSSL = `
[req]
distinguished_name = name
prompt = no
[name]
O = Tidegate tests
[issuing]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[timestamping]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
`;

/** Keys and certificates of one Sigstore instance, as files in its folder. */
export interface SigstoreKeys {
  readonly caPassword: string;
  readonly fulcioChain: readonly X509Certificate[];
  readonly timestampChain: readonly X509Certificate[];
  readonly rekor: KeyObject;
  readonly ctLog: KeyObject;
}

/**
 * New keys each time: `fulcio.key` (encrypted), `fulcio.pem`, `ctlog.key`, `ctlog.pub`, `rekor.key`, `rekor.pub`,
 * `timestamps.key`, `timestamps.pem` (leaf, then root), and the private keys of both roots.
 */
export async function makeSigstoreKeys(folder: string): Promise<SigstoreKeys> {
  const caPassword = 'loopback only';
  await writeFile(join(folder, 'openssl.cnf'), OPENSSL);
  const env = developerEnvironment({ CA_PASSWORD: caPassword });
  const openssl = (...argv: string[]) => developerRun('openssl', argv, { cwd: folder, env, timeout: 60_000 });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const request = (name: string) => [
    'req',
    '-config',
    'openssl.cnf',
    ...curve,
    '-subj',
    `/O=Tidegate tests/CN=${name}`,
  ];
  await Promise.all([
    openssl(
      ...[...request('fulcio'), '-x509', '-days', '3650', '-extensions', 'issuing'],
      ...['-passout', 'env:CA_PASSWORD', '-keyout', 'fulcio.key', '-out', 'fulcio.pem'],
    ),
    timestampChain(openssl, request),
    logKey(folder, 'rekor', 'ed25519'),
    logKey(folder, 'ctlog', 'ec'),
  ]);
  return {
    caPassword,
    fulcioChain: await certificates(join(folder, 'fulcio.pem')),
    timestampChain: await certificates(join(folder, 'timestamps.pem')),
    rekor: createPublicKey(await readFile(join(folder, 'rekor.pub'))),
    ctLog: createPublicKey(await readFile(join(folder, 'ctlog.pub'))),
  };

  async function timestampChain(
    tool: (...argv: string[]) => Promise<unknown>,
    named: (name: string) => readonly string[],
  ): Promise<void> {
    await tool(
      ...[...named('timestamp root'), '-x509', '-days', '3650', '-extensions', 'root', '-noenc'],
      ...['-keyout', 'timestamp-root.key', '-out', 'timestamp-root.pem'],
    );
    await tool(...named('timestamps'), '-noenc', '-keyout', 'timestamps.key', '-out', 'timestamps.csr');
    await tool(
      ...['x509', '-req', '-in', 'timestamps.csr', '-days', '3650', '-out', 'timestamps-leaf.pem'],
      ...['-CA', 'timestamp-root.pem', '-CAkey', 'timestamp-root.key', '-CAcreateserial'],
      ...['-extfile', 'openssl.cnf', '-extensions', 'timestamping'],
    );
    const chain = await Promise.all(
      ['timestamps-leaf.pem', 'timestamp-root.pem'].map((file) => readFile(join(folder, file), 'utf8')),
    );
    await writeFile(join(folder, 'timestamps.pem'), chain.join(''));
  }
}

/** Rekor reads PKCS #8, the certificate transparency log SEC 1. */
async function logKey(folder: string, name: string, kind: 'ed25519' | 'ec'): Promise<void> {
  const { privateKey, publicKey } =
    kind === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  const type = kind === 'ec' ? 'sec1' : 'pkcs8';
  const options = { mode: 0o600 };
  await writeFile(join(folder, `${name}.key`), privateKey.export({ type, format: 'pem' } as never), options);
  await writeFile(join(folder, `${name}.pub`), publicKey.export({ type: 'spki', format: 'pem' }));
}

async function certificates(path: string): Promise<X509Certificate[]> {
  const text = await readFile(path, 'utf8');
  return [...text.matchAll(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g)].map(
    ([pem]) => new X509Certificate(pem),
  );
}

export const spkiOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

export const sha256Of = (...parts: readonly (Uint8Array | string)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
