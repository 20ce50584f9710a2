import { X509Certificate } from 'node:crypto';
import * as v from 'valibot';
import { IN_TOTO_PAYLOAD } from '../bundle/dsse.ts';
import {
  type Connection,
  jsonOf,
  type Posted,
  post,
  refused,
  request,
  type Service,
  under,
  unexpected,
} from './service.ts';
import type { Signed } from './signer.ts';

const WHAT = 'Rekor';
const PATH = '/api/v1/log/entries';

const hex = v.pipe(
  v.string(),
  v.hexadecimal(),
  v.transform((text) => Buffer.from(text, 'hex').toString('base64')),
);
const count = v.pipe(v.number(), v.integer(), v.transform(String));
const Entry = v.looseObject({
  body: v.string(),
  integratedTime: count,
  logID: hex,
  logIndex: count,
  verification: v.looseObject({
    signedEntryTimestamp: v.string(),
    inclusionProof: v.looseObject({
      checkpoint: v.string(),
      hashes: v.array(hex),
      logIndex: count,
      rootHash: hex,
      treeSize: count,
    }),
  }),
});

/**
 * Create an entry of kind `dsse` 0.0.1 in Rekor v1, which receives the whole envelope and stores its hashes. Its
 * promise (SET) contains a time, so that a certificate needs no separate timestamp.
 * @returns the entry in the format of `sigstore_rekor.proto` TransparencyLogEntry
 */
export async function logInRekorV1(
  service: Service,
  { signature, material, payload }: Signed & { readonly payload: Uint8Array },
  connection: Connection,
): Promise<object> {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const envelope = { payloadType: IN_TOTO_PAYLOAD, payload: base64(payload), signatures: [{ sig: base64(signature) }] };
  const verifier =
    material.kind === 'certificate' ? new X509Certificate(material.der).toString() : pemOf(material.spki);
  const proposedContent = { envelope: JSON.stringify(envelope), verifiers: [base64(Buffer.from(verifier))] };
  const entry = { apiVersion: '0.0.1', kind: 'dsse', spec: { proposedContent } };
  let answer = await post(under(service, PATH), entry, { accept: 'application/json' }, connection);
  // The entry exists from an earlier attempt whose response was lost, and the response contains its location. Only the
  // path is used: never connect to another host.
  const there = /^(?:https?:\/\/[^/]+)?(\/api\/v1\/log\/entries\/[0-9a-f]+)$/.exec(
    answer.headers.get('location') ?? '',
  );
  if (answer.status === 409 && there?.[1]) {
    answer = await request(under(service, there[1]), { headers: { accept: 'application/json' } }, connection);
  }
  if (answer.status !== 200 && answer.status !== 201) {
    throw refused(WHAT, service, answer, 'Check the URL and version of this log in signing-config.');
  }
  return entryOf(service, answer);
}

function entryOf(service: Service, answer: Posted): object {
  const [value] = Object.values(jsonOf(WHAT, service, answer));
  const result = v.safeParse(Entry, value);
  if (!result.success) throw unexpected(WHAT, service);
  const { body, integratedTime, logID, logIndex, verification } = result.output;
  const { checkpoint, ...proof } = verification.inclusionProof;
  return {
    logIndex,
    logId: { keyId: logID },
    kindVersion: { kind: 'dsse', version: '0.0.1' },
    integratedTime,
    inclusionPromise: { signedEntryTimestamp: verification.signedEntryTimestamp },
    inclusionProof: {
      logIndex: proof.logIndex,
      rootHash: proof.rootHash,
      treeSize: proof.treeSize,
      hashes: proof.hashes,
      checkpoint: { envelope: checkpoint },
    },
    canonicalizedBody: body,
  };
}

function pemOf(spki: Uint8Array): string {
  const lines =
    Buffer.from(spki)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN PUBLIC KEY-----\n${lines.join('\n')}\n-----END PUBLIC KEY-----\n`;
}
