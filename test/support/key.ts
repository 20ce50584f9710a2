import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A key pair like that of `openssl ecparam -name prime256v1` in PKCS #8, in two PEM files. */
export async function makeKey(folder: string, name: string): Promise<{ private: string; public: string }> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const files = { private: join(folder, `${name}.key`), public: join(folder, `${name}.pub`) };
  await writeFile(files.private, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  await writeFile(files.public, publicKey.export({ format: 'pem', type: 'spki' }));
  return files;
}
