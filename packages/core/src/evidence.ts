import type { ImageContents } from './contents/image-contents.ts';
import type { Finding } from './finding.ts';
import type { Digest } from './image/digest.ts';
import type { DistributionRelease } from './purl/distribution.ts';
import type { Severity } from './severity.ts';

/** in-toto predicate types, as published and as cosign names them. */
export const PredicateType = {
  /** cosign 3's image signature: an empty predicate about the image. */
  signature: 'https://sigstore.dev/cosign/sign/v1',
  provenance: 'https://slsa.dev/provenance/v1',
  spdx: 'https://spdx.dev/Document',
  cyclonedx: 'https://cyclonedx.org/bom',
  scan: 'https://cosign.sigstore.dev/attestation/vuln/v1',
  verdict: 'https://slsa.dev/verification_summary/v1',
  /** Result of tests (in-toto/attestation, spec/predicates/test-result.md). */
  tests: 'https://in-toto.io/attestation/test-result/v0.1',
  /** A second build with the same result: docs/reproduced.md. */
  reproduced: 'https://github.com/tidegate/tidegate/blob/main/docs/reproduced.md#v1',
  /** The baseline of an image: docs/baseline.md. */
  baseline: 'https://github.com/tidegate/tidegate/blob/main/docs/baseline.md#v1',
} as const;
export type PredicateTypeUri = (typeof PredicateType)[keyof typeof PredicateType];

/** in-toto Statement v1 (spec/v1/statement.md). `P` is the predicate's shape. */
export interface Statement<P = unknown> {
  readonly _type: 'https://in-toto.io/Statement/v1';
  readonly subject: readonly { readonly name?: string | undefined; readonly digest: { readonly sha256: string } }[];
  readonly predicateType: string;
  readonly predicate: P;
}

/** A package that an SBOM lists. */
export interface Component {
  readonly name: string;
  readonly version: string;
  /** Syft's word for its kind: `deb`, `npm`, `go-module`. */
  readonly type: string;
  readonly purl?: string | undefined;
  /** As in the SBOM: an SPDX expression where it is one. All of them apply together. */
  readonly licenses: readonly string[];
}

/** A package of a language that the SBOM lacks. */
export type AddedPackage = Pick<Component, 'type' | 'name' | 'version'>;

/** An input of a build: an image, or a source. */
export interface Material {
  readonly uri: string;
  /** Of an image: its manifest or index. */
  readonly sha256?: string | undefined;
}

/** A program that produced the evidence. */
export interface ProgramEvidence {
  readonly name: string;
  /** Of the published file at `release`; without one, of the program itself. */
  readonly digest: Digest;
  /** URL of the published file that Tidegate pins. Absent: the user named the program. */
  readonly release?: string | undefined;
}

/** Where evidence was read from. */
interface FromStatement {
  /**
   * Digest of the in-toto statement's bytes. A signature covers this evidence only if it is over exactly these bytes,
   * not over an older statement of the same type. Absent for syft-json, which is not a statement.
   */
  readonly statement?: Digest;
}

export interface SbomEvidence extends FromStatement {
  readonly kind: 'sbom';
  readonly subject: Digest;
  readonly format: 'syft' | 'spdx' | 'cyclonedx';
  /** The document's own digest, which a scan of it names. */
  readonly document: Digest;
  readonly packages: number;
  /** `debian 12`, or undefined if Syft recognised none (fine for an image without OS packages). */
  readonly distribution?: string | undefined;
  /** The same in parts, if the document has them. */
  readonly release?: DistributionRelease | undefined;
  /** Packages that only match through a distribution (deb, rpm, apk). */
  readonly osPackages: number;
  /** Files that only a distribution has (`/etc/debian_version`, `/lib/apk/db/installed`), if Syft found any. */
  readonly osTraces?: readonly string[];
  /** Version of Syft; of the syft-json document only. */
  readonly cataloger?: string | undefined;
  /** Every package; of the syft-json document only. */
  readonly components?: readonly Component[];
  /** Syft; of the syft-json document only. */
  readonly program?: ProgramEvidence | undefined;
}

export interface ScanEvidence extends FromStatement {
  readonly kind: 'scan';
  readonly subject: Digest;
  /** The syft-json document that was read. */
  readonly sbom: Digest;
  readonly scanner: { readonly name: string; readonly version: string };
  readonly program?: ProgramEvidence | undefined;
  readonly database: {
    readonly built: Date;
    readonly schema: string;
    /**
     * The server that provided its archive's checksum; `db-archive`; or `db-cache` for an older database used instead.
     */
    readonly source: string;
    /** Of the archive. */
    readonly checksum: Digest;
    /** Sources it was built from: `nvd`, `kev`, `epss`. */
    readonly providers?: readonly string[] | undefined;
  };
  readonly finishedOn: Date;
  /** `debian 12`, as recognised by the scanner; absent if it recognised no distribution. */
  readonly distribution?: string | undefined;
  /** Package types for which the database has advisories of that release: `deb`. */
  readonly covered: readonly string[];
  /** The release that the scanner used instead of the image's own, by the policy. */
  readonly standIn?: string | undefined;
  /** Packages of a release that is past its end of life, according to the scanner. */
  readonly endOfLife: number;
  readonly findings: readonly Finding[];
  /**
   * Packages that the scan added to the SBOM: their metadata are in the image, but the cataloger cannot read them.
   */
  readonly added?: readonly AddedPackage[] | undefined;
  /** Matches that the scanner itself suppressed; the gate rejects them unless the policy allows them. */
  readonly suppressed: number;
  /** Exit status of the scanner with its own threshold: `tripped` when it was 2. Must agree with the findings. */
  readonly scannerTripped: boolean;
  readonly scannerThreshold: string;
  readonly onlyFixed: boolean;
}

export interface ProvenanceEvidence extends FromStatement {
  readonly kind: 'provenance';
  readonly subject: Digest;
  readonly builder: string;
  readonly buildType: string;
  /** `git+https://…` and its commit, where the build had them. */
  readonly source?: { readonly uri: string; readonly commit: string } | undefined;
  /** Other inputs of the build: base images, and images that files were copied from. */
  readonly materials?: readonly Material[];
  /** The builder: buildx, and buildkitd if Tidegate started it. */
  readonly programs?: readonly ProgramEvidence[];
}

/** The content of one platform's layers. Like syft-json, it is not a statement and stays in the layout. */
export interface ContentsEvidence {
  readonly kind: 'contents';
  readonly subject: Digest;
  readonly contents: ImageContents;
}

export interface VerdictEvidence extends FromStatement {
  readonly kind: 'verdict';
  readonly subject: Digest;
  readonly passed: boolean;
  readonly policy: Digest;
  /** The destination in the verdict's `resourceUri`: `registry/repository`. Absent: the verdict has none. */
  readonly destination?: string | undefined;
  readonly decidedOn: Date;
  /** Parts of the policy were not judged: the verdict of a rescan, which relies on an earlier one. Default: false. */
  readonly isPartial?: boolean | undefined;
  /** Statements that were judged. */
  readonly inputs?: readonly Digest[] | undefined;
  /** Programs whose results were judged. */
  readonly tools?: readonly { name: string; version: string | undefined; digest: Digest | undefined }[] | undefined;
}

/** A finding of the image that was live when this one was judged. */
export interface LiveFinding {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly severity: Severity;
  readonly knownExploited?: boolean | undefined;
}

/** A live image: a tag of a repository that the image is published to. */
export interface LiveTag {
  readonly repository: string;
  readonly tag: string;
  readonly digest: Digest;
  /** Of the policies under which it was admitted. */
  readonly policies: readonly Digest[];
}

/** The baseline of one platform, or the reason why there is none. */
export interface BaselineEvidence extends FromStatement {
  readonly kind: 'baseline';
  readonly subject: Digest;
  /** Of every destination, in their order. Absent: no comparison, for the reason `why`. */
  readonly live?: readonly LiveTag[] | undefined;
  readonly why?: string | undefined;
  /** The signer whose signatures were verified: the signer of this run. */
  readonly signer?: string | undefined;
  /** Those that the live image of every destination has. */
  readonly findings: readonly LiveFinding[];
}

/** The result of tests that ran on the image. */
export interface TestsEvidence extends FromStatement {
  readonly kind: 'tests';
  readonly subject: Digest;
  readonly passed: boolean;
  /** Number of named tests. */
  readonly count: number;
  /** Names of the failed ones. Untrusted text. */
  readonly failed: readonly string[];
}

/** A statement of a type that the user chose. Nothing in it is judged. */
interface PredicateEvidence extends FromStatement {
  readonly kind: 'predicate';
  readonly subject: Digest;
  readonly predicateType: string;
}

/**
 * A second build without cache gave the same bytes, on 1 runner (or unknown) or 2. A `shared` BuildKit may have built
 * both times. `builder` is untrusted text.
 */
export interface ReproducedEvidence extends FromStatement {
  readonly kind: 'reproduced';
  readonly subject: Digest;
  readonly builder: string;
  readonly runners: 1 | 2;
  readonly buildkit: 'own' | 'shared';
  readonly finishedOn: Date;
}

/** A bundle with a verified signature: only attest creates these. */
export interface SignatureEvidence {
  readonly kind: 'signature';
  readonly subject: Digest;
  readonly predicateType: string;
  /** Digest of the signed in-toto payload bytes. */
  readonly payload: Digest;
  /** `key <sha256 of SPKI>` or the certificate's identity. */
  readonly signer: string;
}

/** Claimed evidence that could not be read, or is about another image: it fails the gate. */
export interface UnreadableEvidence {
  readonly kind: 'unreadable';
  readonly subject: Digest;
  readonly claimed: string;
  readonly why: string;
}

export type Evidence =
  | SbomEvidence
  | ScanEvidence
  | ProvenanceEvidence
  | ContentsEvidence
  | VerdictEvidence
  | BaselineEvidence
  | TestsEvidence
  | PredicateEvidence
  | ReproducedEvidence
  | SignatureEvidence
  | UnreadableEvidence;
