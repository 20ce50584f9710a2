import type { TrustMaterial } from '@sigstore/verify';
import { messageOf, TidegateError } from '@tidegate/core';
import * as v from 'valibot';
import { chainProblem } from './authority-chain.ts';
import type { CertificateParsers } from './certificate-extensions.ts';
import { instant, shaped } from './shape.ts';
import { parseStrictJson } from './strict-json.ts';

/** The public good instance's is 6 KB, with all its history. */
const MAX_ROOT_BYTES = 4 * 1024 * 1024;
const MAX_ROOTS = 16;

/** What one Sigstore instance's trusted root names, and the library that checks against it. */
export interface SigstoreRoot {
  readonly material: TrustMaterial;
  readonly library: SigstoreLibrary;
}

/** Sigstore instances whose word counts. A signature needs one of them that vouches for all of it. */
export type SigstoreRoots = readonly SigstoreRoot[];

export interface SigstoreLibrary extends CertificateParsers {
  readonly Verifier: typeof import('@sigstore/verify').Verifier;
  readonly VerificationError: typeof import('@sigstore/verify').VerificationError;
  readonly RFC3161Timestamp: typeof import('@sigstore/core').RFC3161Timestamp;
  readonly entryFromJson: typeof import('@sigstore/protobuf-specs').TransparencyLogEntry.fromJSON;
}

const base64 = v.pipe(
  v.string(),
  v.minLength(1),
  v.check((text) => Buffer.from(text, 'base64').toString('base64') === text, 'expected base64'),
);
/** protojson: RFC 3339. Date.parse alone reads much more, some of it by the machine's own time zone. */
const time = v.pipe(
  v.string(),
  v.check((text) => v.is(instant, text), 'expected a time as RFC 3339 writes it'),
);
const window = v.optional(v.looseObject({ start: v.optional(time), end: v.optional(time) }));
const log = v.looseObject({
  baseUrl: v.string(),
  publicKey: v.looseObject({ rawBytes: base64, keyDetails: v.union([v.string(), v.number()]), validFor: window }),
  logId: v.looseObject({ keyId: base64 }),
});
const authority = v.looseObject({
  certChain: v.looseObject({
    certificates: v.pipe(v.array(v.looseObject({ rawBytes: base64 })), v.minLength(1)),
  }),
  validFor: window,
});

/** sigstore/protobuf-specs `sigstore_trustroot.proto`, TrustedRoot, in protojson. */
const RootShape = v.looseObject({
  mediaType: v.picklist([
    'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    'application/vnd.dev.sigstore.trustedroot.v0.1+json',
    'application/vnd.dev.sigstore.trustedroot.v0.2+json',
  ]),
  tlogs: v.optional(v.array(log), []),
  certificateAuthorities: v.optional(v.array(authority), []),
  ctlogs: v.optional(v.array(log), []),
  timestampAuthorities: v.optional(v.array(authority), []),
});

/**
 * Read a trusted root: one JSON document, or several one a line (as `gh attestation trusted-root` prints them). The
 * library comes with it, so that who verifies with keys alone never loads it.
 * @param where its file, for messages
 * @throws TidegateError `bad-input`
 */
export async function readTrustedRoots(bytes: Uint8Array, where: string): Promise<SigstoreRoots> {
  const documents = documentsOf(bytes);
  if (documents.length > MAX_ROOTS) throw bad(where, `it holds ${documents.length} documents`);
  const shapes = documents.map((document) => {
    try {
      return shaped(RootShape, parseStrictJson(document, 'The document', MAX_ROOT_BYTES), 'The document');
    } catch (error) {
      throw bad(
        where,
        messageOf(error)
          .replace(/^The document:? /, '')
          .replace(/\.$/, ''),
        error,
      );
    }
  });
  const [verify, core, protobuf] = await Promise.all([
    import('@sigstore/verify'),
    import('@sigstore/core'),
    import('@sigstore/protobuf-specs'),
  ]);
  const library: SigstoreLibrary = {
    Verifier: verify.Verifier,
    VerificationError: verify.VerificationError,
    X509Certificate: core.X509Certificate,
    ASN1Obj: core.ASN1Obj,
    RFC3161Timestamp: core.RFC3161Timestamp,
    entryFromJson: protobuf.TransparencyLogEntry.fromJSON,
  };
  return shapes.map((shape) => {
    let material: TrustMaterial;
    try {
      // Keys are the caller's own and not of the root: see Verifier's use.
      const noKeys = () => {
        throw new Error('no key of the root');
      };
      material = verify.toTrustMaterial(protobuf.TrustedRoot.fromJSON(shape), noKeys);
      for (const { certChain } of [...material.certificateAuthorities, ...material.timestampAuthorities]) {
        for (const one of certChain) void [one.notBefore, one.notAfter, one.isCA, one.extSubjectKeyID?.keyIdentifier];
      }
    } catch (error) {
      throw bad(where, 'a key or certificate in it cannot be read', error);
    }
    const { certificateAuthorities, timestampAuthorities, tlogs, ctlogs } = material;
    for (const { validFor } of [...tlogs, ...ctlogs, ...certificateAuthorities, ...timestampAuthorities]) {
      if (validFor.start > validFor.end) throw bad(where, 'something in it is valid until before it begins');
    }
    for (const [authorities, use] of [
      [certificateAuthorities, 'codeSigning'],
      [timestampAuthorities, 'timeStamping'],
    ] as const) {
      for (const { certChain } of authorities) {
        const problem = chainProblem(certChain, use, library);
        if (problem !== undefined) throw bad(where, problem);
      }
    }
    if (certificateAuthorities.length + tlogs.length + timestampAuthorities.length === 0) {
      throw bad(where, 'it names no authority and no log');
    }
    return { library, material };
  });
}

/** JSON over several lines is one document; lines that each are one are many. */
function documentsOf(bytes: Uint8Array): readonly Uint8Array[] {
  const lines = Buffer.from(bytes)
    .toString('latin1')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const many = lines.length > 1 && lines.every((line) => /^\s*\{.*\}\s*$/.test(line));
  return many ? lines.map((line) => Buffer.from(line, 'latin1')) : [bytes];
}

function bad(where: string, why: string, cause?: unknown): TidegateError {
  return new TidegateError('bad-input', `${where} is no trusted root: ${why}.`, {
    next: 'Give a trusted_root.json as `cosign trusted-root create` or `gh attestation trusted-root` writes it.',
    ...(cause === undefined ? {} : { cause }),
  });
}
