import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { newRepository, type Repository } from './repository.fixture.ts';

let repository: Repository;
beforeAll(async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  repository = await newRepository({
    Dockerfile: 'FROM scratch\n',
    'cosign.pub': publicKey,
    'damaged.key': `${privateKey.slice(0, 60)}\n-----END PRIVATE KEY-----\n`,
    'signer.key': privateKey,
    'notes.txt': 'no key\n',
    'no.identity.token': 'a.b.c',
  });
});
afterAll(() => repository.remove());

/** Where no registry is: each of these ends before it is asked. */
const IMAGE = '127.0.0.1:9/acme/app:1';
const RESCAN = ['scan', IMAGE];

test.each([
  ['TG1801', ['lint', 'nosuch']],
  ['TG1005', ['lint', '--context', 'nosuch']],
  ['TG1801', ['build', 'ghcr.io/acme/app:1']],
  ['TG2103', ['lint', '--files', 'nosuch/Dockerfile', '--no-buildkit-checks']],
  ['TG7003', [...RESCAN, '--key-file', 'cosign.pub']],
  ['TG7001', [...RESCAN, '--key-file', 'notes.txt']],
  ['TG7004', [...RESCAN, '--key-file', 'damaged.key']],
  ['TG7103', [...RESCAN, '--identity-token-file', 'no.identity.token']],
  ['TG7007', ['verify', IMAGE, '--verification-key', 'signer.key']],
  ['TG7007', ['verify', IMAGE, '--verification-key', 'notes.txt']],
  ['TG7002', [...RESCAN, '--signing', 'key']],
  ['TG8001', ['sbom', '--layout', '/nosuch']],
  ['TG8001', ['scan', '--layout', '.']],
  ['TG8001', ['verify', '--layout', '/nosuch', '--verification-key', 'cosign.pub']],
  ['TG1103', ['verify', 'Not An Image', '--verification-key', 'cosign.pub']],
])('a wrong value on the command line is %s with exit code 2: %j', async (code, argv) => {
  const { exitCode, stderr } = await repository.run(...argv);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`${code} `)]);
});
