import type { TrustMaterial } from '@sigstore/verify';
import { messageOf, TidegateError } from '@tidegate/core';
import * as v from 'valibot';
import { parseProtoJson } from '../statement/protojson.ts';
import { instant, shaped } from '../statement/shape.ts';
import { chainProblem } from './authority-chain.ts';
import type { CertificateParsers } from './certificate-extensions.ts';

/** In bytes. The root of the public good instance has 6 KB, with its complete history. */
const MAX_ROOT_BYTES = 4 * 1024 * 1024;
const MAX_ROOTS = 16;

/** The trusted root of one Sigstore instance, and the library that verifies with it. */
export interface SigstoreRoot {
  readonly material: TrustMaterial;
  readonly library: SigstoreLibrary;
}

/** Trusted Sigstore instances. A signature must be covered completely by one of them. */
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
/** protojson: RFC 3339. Date.parse accepts many more formats, some of them in the machine's time zone. */
const time = v.pipe(
  v.string(),
  v.check((text) => v.is(instant, text), 'expected an RFC 3339 time'),
);
const window = v.looseObject({ start: v.optional(time), end: v.optional(time) });
const log = v.looseObject({
  baseUrl: v.string(),
  publicKey: v.looseObject({
    rawBytes: base64,
    keyDetails: v.union([v.string(), v.number()]),
    // Without a start, the key would be valid for all time before its end.
    validFor: v.looseObject({ start: time, end: v.optional(time) }),
  }),
  logId: v.looseObject({ keyId: base64 }),
});
const authority = v.looseObject({
  certChain: v.looseObject({
    certificates: v.pipe(v.array(v.looseObject({ rawBytes: base64 })), v.minLength(1)),
  }),
  validFor: v.optional(window),
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

type RootDocument = v.InferOutput<typeof RootShape>;

/**
 * Parse a trusted root: one JSON document, or several with one per line (as `gh attestation trusted-root` prints them).
 * It loads the library too, so that verification with keys only never loads it. An unusable authority or log (an
 * unknown kind of key, a chain that violates RFC 3161) is omitted with a notice, as long as another one of its kind
 * remains.
 * @param where its file, for messages
 * @throws TidegateError `bad-input`
 */
export async function readTrustedRoots(
  bytes: Uint8Array,
  where: string,
  notice: (message: string) => void = () => {},
): Promise<SigstoreRoots> {
  const documents = documentsOf(bytes);
  if (documents.length > MAX_ROOTS) throw bad(where, `it contains ${documents.length} documents`);
  const shapes = documents.map((document) => {
    try {
      return shaped(RootShape, parseProtoJson(document, 'The document', MAX_ROOT_BYTES), 'The document');
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
  // Keys come from the caller and not from the root: see the use of Verifier.
  const noKeys = () => {
    throw new Error('no key of the root');
  };
  const read = (part: Partial<RootDocument>) => verify.toTrustMaterial(protobuf.TrustedRoot.fromJSON(part), noKeys);
  return shapes.map((shape) => ({ library, material: materialOf(shape, read, library, where, notice) }));
}

/** Names of the kinds in messages. */
const KINDS = {
  tlogs: 'transparency log',
  ctlogs: 'certificate log',
  certificateAuthorities: 'certificate authority',
  timestampAuthorities: 'timestamp authority',
} as const;
type Kind = keyof typeof KINDS;

function materialOf(
  shape: RootDocument,
  read: (part: Partial<RootDocument>) => TrustMaterial,
  library: SigstoreLibrary,
  where: string,
  notice: (message: string) => void,
): TrustMaterial {
  if (shape.tlogs.length + shape.certificateAuthorities.length + shape.timestampAuthorities.length === 0) {
    throw bad(where, 'it contains neither an authority nor a log');
  }
  /** Parse entries separately: an error in one does not affect the others. */
  const usable = <K extends Kind>(kind: K): TrustMaterial[K] => {
    const problems: string[] = [];
    const found: TrustMaterial[Kind][number][] = [];
    for (const [at, one] of shape[kind].entries()) {
      const name = `${kind}.${at}`;
      assertWindow(where, name, isAuthority(one) ? one.validFor : one.publicKey.validFor);
      const problem = problemOf(kind, one, library, () => found.push(...read({ [kind]: [one] })[kind]));
      if (problem !== undefined) problems.push(`${name}: ${problem}`);
    }
    // Without any entry of its kind, verification would require less than the root does.
    if (problems.length > 0 && found.length === 0) throw bad(where, problems.join('; '));
    for (const problem of problems) notice(`${where}: one ${KINDS[kind]} is not used. ${problem}.`);
    return found as TrustMaterial[K];
  };
  return {
    ...read({}),
    tlogs: usable('tlogs'),
    ctlogs: usable('ctlogs'),
    certificateAuthorities: usable('certificateAuthorities'),
    timestampAuthorities: usable('timestampAuthorities'),
  };
}

function isAuthority(one: RootDocument[Kind][number]): one is v.InferOutput<typeof authority> {
  return 'certChain' in one;
}

/** Why an entry cannot be used; undefined if it is valid. */
function problemOf(
  kind: Kind,
  one: RootDocument[Kind][number],
  library: SigstoreLibrary,
  read: () => void,
): string | undefined {
  try {
    if (isAuthority(one)) {
      const chain = one.certChain.certificates.map(({ rawBytes }) => {
        const certificate = library.X509Certificate.parse(Buffer.from(rawBytes, 'base64'));
        // The getters parse lazily: call them to detect missing fields here.
        void [
          certificate.notBefore,
          certificate.notAfter,
          certificate.isCA,
          certificate.extSubjectKeyID?.keyIdentifier,
        ];
        return certificate;
      });
      const problem = chainProblem(chain, kind === 'timestampAuthorities' ? 'timeStamping' : 'codeSigning', library);
      if (problem !== undefined) return problem;
    }
    read();
    return undefined;
  } catch {
    return 'it has a key or certificate that cannot be read';
  }
}

function assertWindow(
  where: string,
  name: string,
  window: { start?: string | undefined; end?: string | undefined } | undefined,
): void {
  const { start, end } = window ?? {};
  if (start === undefined || end === undefined || new Date(start) <= new Date(end)) return;
  throw bad(where, `the validity of ${name} ends before it begins`);
}

/** JSON that spans several lines is one document; one document per line gives several. */
function documentsOf(bytes: Uint8Array): readonly Uint8Array[] {
  const lines = Buffer.from(bytes)
    .toString('latin1')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const many = lines.length > 1 && lines.every((line) => /^\s*\{.*\}\s*$/.test(line));
  return many ? lines.map((line) => Buffer.from(line, 'latin1')) : [bytes];
}

function bad(where: string, why: string, cause?: unknown): TidegateError {
  return new TidegateError('trusted-root-unusable', `${where} is not a trusted root: ${why}.`, {
    next: 'Use a trusted_root.json written by `cosign trusted-root create` or `gh attestation trusted-root`.',
    cause,
  });
}
