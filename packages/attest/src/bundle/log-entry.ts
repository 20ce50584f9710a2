import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { clipped, TidegateError, withoutEnd } from '@tidegate/core';
import * as v from 'valibot';
import { shaped } from '../statement/shape.ts';
import { unreadable } from '../statement/strict-json.ts';

/** protojson writes 64-bit numbers as strings and omits zero. */
const int64 = v.optional(
  v.union([v.pipe(v.string(), v.regex(/^\d{1,19}$/)), v.pipe(v.number(), v.safeInteger(), v.minValue(0))]),
  '0',
);
const base64 = v.pipe(
  v.string(),
  v.check((text) => Buffer.from(text, 'base64').toString('base64') === text, 'expected base64'),
);

/** sigstore/protobuf-specs `sigstore_rekor.proto`, TransparencyLogEntry. */
const EntryShape = v.looseObject({
  logIndex: int64,
  logId: v.looseObject({ keyId: base64 }),
  kindVersion: v.looseObject({ kind: v.string(), version: v.string() }),
  integratedTime: int64,
  inclusionPromise: v.optional(v.looseObject({ signedEntryTimestamp: base64 })),
  inclusionProof: v.optional(
    v.looseObject({
      logIndex: int64,
      rootHash: base64,
      treeSize: int64,
      hashes: v.optional(v.array(base64), []),
      checkpoint: v.looseObject({ envelope: v.string() }),
    }),
  ),
  canonicalizedBody: base64,
});
export type LogEntry = v.InferOutput<typeof EntryShape>;

/** More entries add no assurance, and each costs a proof verification. */
const MAX_ENTRIES = 16;

/**
 * Parse the log entries of a bundle; checks only their shape.
 * @param proof whether each must have an inclusion proof (bundles from v0.2 on) or a promise is sufficient (cosign 2).
 * @throws TidegateError `evidence`
 */
export function readLogEntries(entries: readonly unknown[], proof: 'required' | 'optional'): readonly LogEntry[] {
  if (entries.length > MAX_ENTRIES) throw unreadable(`The bundle has ${entries.length} log entries.`);
  return entries.map((entry, at) => {
    const what = `The bundle: tlogEntries.${at}`;
    const read = shaped(EntryShape, entry, what);
    if (proof === 'required' && !read.inclusionProof) throw unreadable(`${what}: inclusionProof is missing.`);
    if (!read.inclusionProof && !read.inclusionPromise)
      throw unreadable(`${what}: it has neither an inclusion proof nor a promise.`);
    return read;
  });
}

/** A log of the trusted root, in the form of @sigstore/verify. */
export interface TrustedLog {
  readonly logID: Buffer;
  readonly baseURL: string;
  readonly validFor: { readonly start: Date; readonly end: Date };
}

/**
 * Checks of the client spec for a log entry that the library does not make: the origin of the checkpoint is the log
 * that signed it, the proof belongs to the checkpoint, the entry is about this signer, and the log's key was valid at
 * that time.
 * @param times at which the signature is known to have existed
 * @throws TidegateError `signature`, `evidence`
 */
export function holdEntry(
  entry: LogEntry,
  logs: readonly TrustedLog[],
  signer: KeyObject | X509Certificate,
  times: readonly Date[],
): void {
  const keyId = Buffer.from(entry.logId.keyId, 'base64');
  const log = logs.find(({ logID }) => logID.equals(keyId));
  if (!log) throw invalid('The signature is in a transparency log that is not in the trusted root.');
  if (entry.inclusionProof) holdCheckpoint(entry.inclusionProof, log);
  // Version 1 numbers entries across shards, so its index differs from the proof's index. In version 2 nothing else
  // attests the index.
  const { inclusionProof: proof, kindVersion } = entry;
  if (
    proof &&
    `${kindVersion.kind} ${kindVersion.version}` === 'hashedrekord 0.0.2' &&
    String(entry.logIndex) !== String(proof.logIndex)
  ) {
    throw invalid('The index of the log entry differs from that of its inclusion proof.');
  }
  const { start, end } = log.validFor;
  // Rekor v2 entries contain no time, and the library then does not check the validity window. Without any time the
  // window must still be open: nothing proves that the entry was made before it closed.
  for (const time of times.length > 0 ? times : [new Date()]) {
    if (time < start || time > end) {
      throw invalid(`The transparency log's key was not valid at ${time.toISOString()}.`);
    }
  }
  if (!isOf(signerOfBody(entry), signer)) throw invalid('The log entry is for another key or certificate.');
}

/** Client spec, 4.4: the same certificate if both are certificates, otherwise the same key. */
function isOf(logged: KeyObject | X509Certificate, signer: KeyObject | X509Certificate): boolean {
  if (logged instanceof X509Certificate && signer instanceof X509Certificate) return logged.raw.equals(signer.raw);
  const keyOf = (one: KeyObject | X509Certificate) => (one instanceof X509Certificate ? one.publicKey : one);
  return keyOf(logged).equals(keyOf(signer));
}

/** C2SP tlog-checkpoint: origin, size, root hash; the lines after the empty line are their signatures. */
function holdCheckpoint(proof: NonNullable<LogEntry['inclusionProof']>, log: TrustedLog): void {
  const [note = '', signatures = ''] = proof.checkpoint.envelope.split('\n\n');
  const [origin = '', size = '', root = ''] = note.split('\n');
  if (!/^(0|[1-9]\d*)$/.test(size) || size !== String(proof.treeSize) || root !== proof.rootHash) {
    throw invalid('The inclusion proof is for another tree than the checkpoint.');
  }
  const names = namesOf(log.baseURL);
  // The library accepts a name that occurs anywhere in the log's URL, even `h`, and does not check the origin.
  const ours = signatures.split('\n').flatMap((line) => {
    const [, name, encoded] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? [];
    const hint = Buffer.from(encoded ?? '', 'base64').subarray(0, 4);
    return name !== undefined && hint.equals(log.logID.subarray(0, 4)) ? [name] : [];
  });
  if (!ours.some((name) => names.has(name) && (origin === name || origin.startsWith(`${name} - `)))) {
    throw invalid('The checkpoint is not signed by the log that it names.');
  }
}

/** The origin of a log is its host, for some logs with the path. Rekor's origin omits the port. */
function namesOf(baseUrl: string): ReadonlySet<string> {
  if (!URL.canParse(baseUrl)) return new Set([baseUrl]);
  const { host, hostname, pathname } = new URL(baseUrl);
  const path = withoutEnd(pathname, '/');
  return new Set([host, hostname, host + path, hostname + path]);
}

const pem = v.looseObject({ content: base64 });
const Bodies = {
  'hashedrekord 0.0.1': v.looseObject({ spec: v.looseObject({ signature: v.looseObject({ publicKey: pem }) }) }),
  'hashedrekord 0.0.2': v.looseObject({
    spec: v.looseObject({
      hashedRekordV002: v.looseObject({
        signature: v.looseObject({
          verifier: v.looseObject({
            publicKey: v.optional(v.looseObject({ rawBytes: base64 })),
            x509Certificate: v.optional(v.looseObject({ rawBytes: base64 })),
          }),
        }),
      }),
    }),
  }),
  'dsse 0.0.1': v.looseObject({
    spec: v.looseObject({ signatures: v.tuple([v.looseObject({ verifier: base64 })]) }),
  }),
  'intoto 0.0.2': v.looseObject({
    spec: v.looseObject({
      content: v.looseObject({
        envelope: v.looseObject({ signatures: v.tuple([v.looseObject({ publicKey: base64 })]) }),
      }),
    }),
  }),
} as const;

/** The signer in a log entry. @throws TidegateError `evidence` for an entry of another kind. */
function signerOfBody(entry: LogEntry): KeyObject | X509Certificate {
  const { kind, version } = entry.kindVersion;
  const name = `${kind} ${version}`;
  const what = `The log entry (${clipped(name, 60)})`;
  let body: unknown;
  try {
    body = JSON.parse(Buffer.from(entry.canonicalizedBody, 'base64').toString('utf8'));
  } catch (cause) {
    throw unreadable(`${what} has no JSON body.`, cause);
  }
  try {
    switch (name) {
      case 'hashedrekord 0.0.1':
        return signerOfPem(shaped(Bodies[name], body, what).spec.signature.publicKey.content);
      case 'dsse 0.0.1':
        return signerOfPem(shaped(Bodies[name], body, what).spec.signatures[0].verifier);
      case 'intoto 0.0.2':
        return signerOfPem(shaped(Bodies[name], body, what).spec.content.envelope.signatures[0].publicKey);
      case 'hashedrekord 0.0.2': {
        const { verifier } = shaped(Bodies[name], body, what).spec.hashedRekordV002.signature;
        const der = (text: string) => Buffer.from(text, 'base64');
        if (verifier.x509Certificate) return new X509Certificate(der(verifier.x509Certificate.rawBytes));
        if (verifier.publicKey) {
          return createPublicKey({ key: der(verifier.publicKey.rawBytes), format: 'der', type: 'spki' });
        }
        throw unreadable(`${what} contains no key.`);
      }
    }
  } catch (error) {
    if (error instanceof TidegateError) throw error;
    throw unreadable(`${what} contains a key that cannot be read.`, error);
  }
  throw unreadable(`${what} has an unsupported kind.`);
}

function signerOfPem(encoded: string): KeyObject | X509Certificate {
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  return text.includes('BEGIN CERTIFICATE') ? new X509Certificate(text) : createPublicKey(text);
}

function invalid(message: string): TidegateError {
  return new TidegateError('signature-invalid', message, {
    next: 'Do not use this image unless you know the cause: its transparency log entry failed verification.',
  });
}
