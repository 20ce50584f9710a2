import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const openssl = promisify(execFile);

/** A private key and its certificate, PEM. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** A certificate authority, created in `folder` with openssl, and the certificates that it issues. */
export async function authority(folder: string) {
  const run = (...argv: string[]) => openssl('openssl', argv, { cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];
  await run('req', '-x509', ...key, '-days', '2', '-subj', '/CN=test authority', '-keyout', 'ca.key', '-out', 'ca.pem');
  return {
    path: join(folder, 'ca.pem'),
    pem: await readFile(join(folder, 'ca.pem'), 'utf8'),
    /** @param names as in subjectAltName: `DNS:localhost,IP:127.0.0.1` */
    async issue(name: string, names: string, days = 2): Promise<Identity> {
      await writeFile(join(folder, `${name}.cnf`), `subjectAltName=${names}\n`);
      await run('req', ...key, '-subj', '/CN=test', '-keyout', `${name}.key`, '-out', `${name}.csr`);
      const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', `${name}.cnf`];
      await run('x509', '-req', '-in', `${name}.csr`, ...by, '-days', String(days), '-out', `${name}.pem`);
      const [keyText, cert] = await Promise.all(
        [`${name}.key`, `${name}.pem`].map((file) => readFile(join(folder, file), 'utf8')),
      );
      return { key: keyText ?? '', cert: cert ?? '' };
    },
  };
}
