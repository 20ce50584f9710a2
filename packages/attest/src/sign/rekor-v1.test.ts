import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { newKey } from '../sound.fixture.ts';
import { keySigner } from './key-signer.ts';
import { logInRekorV1 } from './rekor-v1.ts';

const HEX = 'c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d';
const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');

/** A response of rekor.sigstore.dev (openapi.yaml, LogEntry), with other lengths. */
const ANSWER = {
  [`24296fb24b8ad77a${HEX}`]: {
    body: 'eyJraW5kIjoiZHNzZSJ9',
    integratedTime: 1764028800,
    logID: HEX,
    logIndex: 123,
    verification: {
      signedEntryTimestamp: 'c2V0',
      inclusionProof: { checkpoint: 'rekor\n1\n', hashes: [HEX], logIndex: 23, rootHash: HEX, treeSize: 24 },
    },
  },
};

async function log(answers: Readonly<Record<string, { status: number; location?: string; body?: unknown }>>) {
  const asked: { readonly call: string; readonly body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const call = `${request.method} ${request.url}`;
    asked.push({ call, body });
    const answer = answers[call] ?? { status: 404 };
    response.writeHead(answer.status, answer.location ? { location: answer.location } : {});
    response.end(JSON.stringify(answer.body ?? {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    service: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, majorApiVersion: 1, operator: '' },
    asked,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function seen() {
  const signer = await keySigner(newKey());
  return { ...(await signer.sign(Buffer.from('pae'))), payload: Buffer.from('{}') };
}

const quiet = { fetch, signal: new AbortController().signal };
const POST = 'POST /api/v1/log/entries';

test('the entry is requested with the envelope and the key, and written as TransparencyLogEntry', async () => {
  await using rekor = await log({ [POST]: { status: 201, body: ANSWER } });
  expect(await logInRekorV1(rekor.service, await seen(), quiet)).toEqual({
    logIndex: '123',
    logId: { keyId: base64(HEX) },
    kindVersion: { kind: 'dsse', version: '0.0.1' },
    integratedTime: '1764028800',
    inclusionPromise: { signedEntryTimestamp: 'c2V0' },
    inclusionProof: {
      logIndex: '23',
      rootHash: base64(HEX),
      treeSize: '24',
      hashes: [base64(HEX)],
      checkpoint: { envelope: 'rekor\n1\n' },
    },
    canonicalizedBody: 'eyJraW5kIjoiZHNzZSJ9',
  });
  const { kind, spec } = JSON.parse(rekor.asked[0]?.body ?? '');
  expect(kind).toBe('dsse');
  expect(JSON.parse(spec.proposedContent.envelope)).toMatchObject({ payload: 'e30=', signatures: [{}] });
  expect(Buffer.from(spec.proposedContent.verifiers[0], 'base64').toString()).toMatch(/^-----BEGIN PUBLIC KEY-----/);
});

const path = `/api/v1/log/entries/${HEX}`;

test('an entry that is there from an earlier try is fetched', async () => {
  await using rekor = await log({
    [POST]: { status: 409, location: `https://elsewhere.example${path}` },
    [`GET ${path}`]: { status: 200, body: ANSWER },
  });
  expect(await logInRekorV1(rekor.service, await seen(), quiet)).toMatchObject({ logIndex: '123' });
});

test.each([
  ['a refusal', { status: 400, body: { message: 'no' } }, 'signature'],
  [
    'an entry without a proof',
    { status: 201, body: { x: { ...Object.values(ANSWER)[0], verification: {} } } },
    'network',
  ],
  ['a web page', { status: 200, body: '<html>' }, 'network'],
  ['a conflict that names no entry', { status: 409, location: '/login' }, 'signature'],
])('%s is no entry', async (_name, answer, kind) => {
  await using rekor = await log({ [POST]: answer });
  await expect(logInRekorV1(rekor.service, await seen(), quiet)).rejects.toMatchObject({ kind });
});
