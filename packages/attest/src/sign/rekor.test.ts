import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { makeBundle, parseBundle } from '../bundle/bundle.ts';
import { signatureStatement } from '../bundle/signature.ts';
import { IMAGE } from '../sound.fixture.ts';
import { keySigner } from './key-signer.ts';
import { rekorWitness } from './rekor.ts';

const ENTRY = { logIndex: '7', canonicalizedBody: 'e30=', inclusionProof: {}, inclusionPromise: null };

/** A log of version 2 that responds with each of `statuses` in order, and then repeats the last one. */
async function log(...statuses: readonly number[]) {
  const signatures: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    signatures.push(JSON.parse(body).hashedRekordRequestV002.signature.content);
    const status = statuses[Math.min(signatures.length, statuses.length) - 1] ?? 500;
    response.writeHead(status).end(JSON.stringify(status === 201 ? ENTRY : { message: 'an equivalent entry exists' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const witness = rekorWitness([{ url, majorApiVersion: 2, operator: '' }], {
    outage: { kind: 'fail' },
    fetch,
    signal: new AbortController().signal,
    clock: () => new Date(),
    notice: () => {},
    pause: async () => {},
  });
  return {
    witness,
    signatures,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const signerOf = ({ privateKey }: ReturnType<typeof generateKeyPairSync>) =>
  keySigner((privateKey as KeyObject).export({ type: 'pkcs8', format: 'pem' }).toString());
const { bytes } = signatureStatement(IMAGE);

test('the entry is kept as the log gave it, without what it did not set', async () => {
  await using rekor = await log(201);
  const bundle = await makeBundle(bytes, await signerOf(generateKeyPairSync('ec', { namedCurve: 'P-256' })), [
    rekor.witness,
  ]);
  expect(parseBundle(bundle).tlogEntries).toEqual([{ logIndex: '7', canonicalizedBody: 'e30=', inclusionProof: {} }]);
});

test('an entry whose response was lost is not requested again: a new signature replaces it', async () => {
  await using rekor = await log(409, 201);
  const bundle = await makeBundle(bytes, await signerOf(generateKeyPairSync('ec', { namedCurve: 'P-256' })), [
    rekor.witness,
  ]);
  expect(new Set(rekor.signatures).size).toBe(2);
  expect(Buffer.from(parseBundle(bundle).signature).toString('base64')).toBe(rekor.signatures[1]);
});

test('a key that always makes the same signature fails at once', async () => {
  await using rekor = await log(409);
  const signer = await signerOf(generateKeyPairSync('rsa', { modulusLength: 2048 }));
  await expect(makeBundle(bytes, signer, [rekor.witness])).rejects.toMatchObject({
    id: 'log-entry-exists',
    message: expect.stringContaining('RSA signatures of the same statement are identical'),
    next: expect.stringContaining('EC key'),
  });
  expect(rekor.signatures).toHaveLength(1);
});

test('a log that has everything already ends after three signatures', async () => {
  await using rekor = await log(409);
  const signer = await signerOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  await expect(makeBundle(bytes, signer, [rekor.witness])).rejects.toMatchObject({ kind: 'network' });
  expect(new Set(rekor.signatures).size).toBe(3);
});

test('a key whose signatures the log does not take is an error before a request', async () => {
  await using rekor = await log(409);
  const signer = await signerOf(generateKeyPairSync('ed25519'));
  await expect(makeBundle(bytes, signer, [rekor.witness])).rejects.toMatchObject({ id: 'log-key-unsupported' });
  expect(rekor.signatures).toEqual([]);
});
