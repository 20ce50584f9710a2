import { createPrivateKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Signer } from '@tidegate/attest';
import { developerEnvironment, developerRun, type Sigstore } from '@tidegate/testkit';

export interface Forgery {
  /** Lines of OpenSSL's extension section that override those of a valid Fulcio certificate; '' removes one. */
  readonly extensions?: Readonly<Record<string, string>>;
  /** Seconds from now. Default: valid from a minute ago, for ten minutes. */
  readonly from?: number;
  readonly until?: number;
  /** Sign with a new authority of the same name, instead of Fulcio's own key. */
  readonly authority?: 'another';
}

const ISSUER_OID = '1.3.6.1.4.1.57264.1.8';

/**
 * A signer with a certificate that Fulcio's own key has signed, but that Fulcio would never issue: a verifier must
 * detect that itself. It has no SCT, because no certificate log was involved.
 */
export async function forgedSigner(
  sigstore: Sigstore,
  subject: string,
  folder: string,
  { extensions = {}, from = -60, until = 540, authority }: Forgery,
): Promise<Signer> {
  await mkdir(folder, { recursive: true });
  const file = (name: string) => join(folder, name);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = Buffer.from(sigstore.issuer.url);
  const lines = {
    keyUsage: 'critical,digitalSignature',
    extendedKeyUsage: 'codeSigning',
    subjectAltName: `critical,URI:${subject}`,
    subjectKeyIdentifier: 'hash',
    authorityKeyIdentifier: 'keyid',
    [ISSUER_OID]: `DER:0c${issuer.byteLength.toString(16).padStart(2, '0')}${issuer.toString('hex')}`,
    ...extensions,
  };
  const section = Object.entries(lines)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name} = ${value}`);
  await writeFile(file('key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(file('index.txt'), '');
  await writeFile(
    file('ca.cnf'),
    `[ca]\ndefault_ca = fulcio\n[fulcio]\ndatabase = index.txt\nrand_serial = yes\nnew_certs_dir = .\n` +
      `default_md = sha256\npolicy = any\nunique_subject = no\n[any]\norganizationName = optional\n` +
      `[req]\ndistinguished_name = none\n[none]\n[leaf]\n${section.join('\n')}\n`,
  );
  const env = developerEnvironment({ CA_PASSWORD: 'loopback only' });
  const openssl = (...argv: string[]) => developerRun('openssl', argv, { cwd: folder, env, timeout: 30_000 });
  let issuing = [join(sigstore.folder, 'fulcio.pem'), join(sigstore.folder, 'fulcio.key'), 'env:CA_PASSWORD'];
  if (authority === 'another') {
    await openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-days', '3', '-noenc'],
      ...['-subj', '/O=Tidegate tests/CN=fulcio', '-keyout', 'another.key', '-out', 'another.pem'],
    );
    issuing = ['another.pem', 'another.key', 'pass:'];
  }
  await openssl('req', '-new', '-key', 'key.pem', '-subj', '/O=x', '-config', 'ca.cnf', '-out', 'leaf.csr');
  const [cert = '', key = '', password = ''] = issuing;
  await openssl(
    ...['ca', '-batch', '-config', 'ca.cnf', '-in', 'leaf.csr', '-out', 'leaf.pem', '-extensions', 'leaf', '-notext'],
    ...['-cert', cert, '-keyfile', key, '-passin', password, '-noemailDN', '-preserveDN'],
    ...['-startdate', asn1Time(from), '-enddate', asn1Time(until)],
  );
  const { raw } = new X509Certificate(await readFile(file('leaf.pem')));
  const signingKey = createPrivateKey(await readFile(file('key.pem')));
  return {
    identity: subject,
    sign: async (pae) => ({
      signature: sign('sha256', pae, signingKey),
      material: { kind: 'certificate', der: raw },
    }),
  };
}

function asn1Time(seconds: number): string {
  return `${new Date(Date.now() + seconds * 1000).toISOString().replace(/[-:T]|\.\d+Z$/g, '')}Z`;
}
