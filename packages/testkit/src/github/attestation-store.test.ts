import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AttestationStore, startAttestationStore } from './attestation-store.ts';

let store: AttestationStore;
let closed: AttestationStore;
beforeAll(async () => {
  const tokens = { writer: 'write', reader: 'read' } as const;
  store = await startAttestationStore({ repository: 'acme/app', tokens });
  closed = await startAttestationStore({ repository: 'acme/app', tokens, isUnavailable: true });
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await closed[Symbol.asyncDispose]();
});

const base64 = (text: string) => Buffer.from(text).toString('base64');
const subject = { digest: { sha256: 'a'.repeat(64) } };
const bundle = ({ certificate = 'https://github.com/acme/app', subjects = [subject], ...more } = {}) => ({
  mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  verificationMaterial: { certificate: { rawBytes: base64(certificate) } },
  dsseEnvelope: {
    payloadType: 'application/vnd.in-toto+json',
    payload: base64(JSON.stringify({ predicateType: 'https://slsa.dev/provenance/v1', subject: subjects })),
    signatures: [{ sig: 'AA==' }],
  },
  ...more,
});

async function post(to: AttestationStore, body: unknown, token = 'writer', repository = 'acme/app') {
  const response = await fetch(`${to.url}repos/${repository}/attestations`, {
    method: 'POST',
    headers: token ? { authorization: `token ${token}` } : {},
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as { id?: number; message?: string } };
}

test.each([
  // docs.github.com/rest/repos/attestations, "Create an attestation": 201, 403, 422; the body is `{ bundle }`, and 201
  // has `id`, a number (github/rest-api-description, `repos/create-attestation`).
  ['a bundle', open, { bundle: bundle() }, 'writer', 'acme/app', 201, undefined],
  [
    'a bundle without its envelope',
    open,
    { bundle: bundle({ dsseEnvelope: undefined } as object) },
    'writer',
    'acme/app',
    422,
    'bundle cannot be read',
  ],
  ['a bundle that is not below `bundle`', open, bundle(), 'writer', 'acme/app', 422, 'bundle cannot be read'],
  // The same page: "the attestations:write permission is required"; the message is GitHub's of a token without it.
  [
    'a token without attestations: write',
    open,
    { bundle: bundle() },
    'reader',
    'acme/app',
    403,
    'Resource not accessible by integration',
  ],
  // docs.github.com/rest/authentication/authenticating-to-the-rest-api.
  ['a token that nobody gave out', open, { bundle: bundle() }, 'made-up', 'acme/app', 401, 'Bad credentials'],
  ['nobody', open, { bundle: bundle() }, '', 'acme/app', 401, 'Requires authentication'],
  ['another repository', open, { bundle: bundle() }, 'writer', 'acme/other', 404, 'Not Found'],
  // actions/attest-build-provenance#216: the certificate of another repository.
  [
    'the certificate of another repository',
    open,
    { bundle: bundle({ certificate: 'https://github.com/acme/other' }) },
    'writer',
    'acme/app',
    422,
    'values do not match',
  ],
  // actions/attest-build-provenance#761.
  [
    'one subject twice',
    open,
    { bundle: bundle({ subjects: [subject, subject] }) },
    'writer',
    'acme/app',
    422,
    'duplicate subject in statement',
  ],
  // actions/attest#193, github/docs#35835. The status is not documented.
  [
    'a private repository of a user',
    unavailable,
    { bundle: bundle() },
    'writer',
    'acme/app',
    403,
    'Feature not available',
  ],
])('%s', async (_, to, body, token, repository, status, message) => {
  const answer = await post(to(), body, token, repository);
  expect(answer.status).toBe(status);
  if (message !== undefined) expect(answer.body.message).toContain(message);
  else expect(answer.body).toEqual({ id: expect.any(Number) });
});

function open() {
  return store;
}
function unavailable() {
  return closed;
}
