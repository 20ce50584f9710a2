import type { ContentsPolicy } from './contents/rules.ts';
import { badInput } from './error.ts';
import type { Finding, SbomEvidence } from './evidence.ts';
import type { Digest } from './image/digest.ts';
import type { RankedSeverity } from './severity.ts';
import type { UnusableStatement, VexStatement } from './vex/statement.ts';

/** Kinds of evidence that a policy may require. */
export const REQUIRABLE = ['provenance', 'sbom', 'scan', 'verdict', 'signature'] as const;
export type Requirable = (typeof REQUIRABLE)[number];

/** The formats every platform has: `syft` for the scan, the other two to publish. */
export const SBOM_FORMATS: readonly SbomEvidence['format'][] = ['syft', 'spdx', 'cyclonedx'];

/**
 * Lists of what is allowed, each by one policy. What is held against them must be allowed by every list: where an
 * organisation's policy and a repository's each have one, neither widens the other.
 */
export type AllowLists = readonly (readonly string[])[];

/** A finding that somebody has looked at and lets pass, for a while. */
export interface Ignored {
  /** The advisory, as the finding or one of its aliases names it. */
  readonly id: string;
  /** A package URL pattern (purl-pattern.ts). */
  readonly package: string;
  readonly reason: string;
  /** From then on it suppresses nothing, and fails. */
  readonly expires: Date;
  /** Where it stands, for people: `.github/tidegate.yml:12`. */
  readonly from: string;
}

/** A derivative of a distribution, and the release whose advisories are about its packages. */
export interface StandIn {
  /** As the image calls itself: `acmeos 1.0`. */
  readonly image: string;
  /** `debian 12`. */
  readonly as: string;
  readonly reason: string;
}

export interface LicensePolicy {
  /** SPDX expressions. Empty: every licence is allowed that is not denied. */
  readonly allow: AllowLists;
  readonly deny: readonly string[];
  /** What a package without a readable licence as SPDX does. */
  readonly unknown: 'fail' | 'report';
  /** Package URL patterns of packages whose licence somebody has looked at. */
  readonly except: readonly string[];
}

export interface BaseImagePolicy {
  /** Patterns of repositories with their registry: `gcr.io/distroless/*`. */
  readonly allow: AllowLists;
  /** Age of the image's oldest layer, its base's first, when the gate decides. */
  readonly maxAge?: number;
  /** What a base without a date, as reproducible builds make, does. */
  readonly undated: 'fail' | 'report';
}

/** What an image may be. A limit that is absent is none. */
export interface ImagePolicy {
  /** Compressed bytes of config and layers of each platform. */
  readonly maxSize?: number;
  readonly maxLayers?: number;
  /** A container must not start as root. */
  readonly nonRoot?: boolean;
  /** Users that the image may start as, as its config writes them. */
  readonly users?: AllowLists;
  /** Ports that may be exposed: `8080/tcp`. */
  readonly ports?: AllowLists;
  readonly volumes?: AllowLists;
}

/** What must hold before a tag may appear. Durations are in milliseconds. */
export interface Policy {
  readonly require: readonly Requirable[];
  /** The lowest severity that fails; `none` lets every ranked severity pass. */
  readonly failOn: RankedSeverity | 'none';
  /** What a finding without a severity does: `fail`, or `report` only. */
  readonly unknownSeverity: 'fail' | 'report';
  /** Count only findings for which a fixed version is known. */
  readonly onlyFixed: boolean;
  /** Age of the vulnerability database at the time of the scan. */
  readonly maxDatabaseAge: number;
  /** Age of the scan itself when the gate decides. */
  readonly maxScanAge: number;
  /** Formats that `sbom` means. Default: all; what is read back from a registry has no `syft`, it is not published. */
  readonly sbomFormats?: readonly SbomEvidence['format'][];
  /** An SBOM may list nothing (an image from scratch with one static binary). Default: it fails, as a crash looks the same. */
  readonly allowEmptySbom?: boolean;
  /** The scanner may have left out matches by its own configuration. Default: it may not. */
  readonly allowSuppressed?: boolean;
  /** The policy a verdict must be of (the digest of its document). Default: any, as this gate judges the scan again itself. */
  readonly verdictOf?: Digest;
  /** Thresholds for findings whose fix is in that state, in the place of `failOn`. */
  readonly failOnByFix?: Readonly<Partial<Record<Finding['fix'], RankedSeverity | 'none'>>>;
  /** What a finding does of which attacks are known, whatever its severity and fix. Default: `fail`. */
  readonly knownExploited?: 'fail' | 'report';
  /**
   * How long after its release a fix may be missing before its finding fails, where the scan has the date. Never for
   * critical and known exploited findings. Default: no time.
   */
  readonly fixGrace?: number;
  /** What a finding does that the live image has as well, as its signed scan says. Default: `fail`, like any other. */
  readonly alreadyLive?: 'fail' | 'report';
  /** The highest probability (0 to 1) of an attack within 30 days that passes. */
  readonly maxEpss?: number;
  /** The highest risk (0 to 100, as Grype reckons it) that passes. */
  readonly maxRisk?: number;
  readonly ignore?: readonly Ignored[];
  /** How far ahead `expires` of an ignored finding may lie. */
  readonly maxIgnoreTime?: number;
  readonly vex?: readonly VexStatement[];
  /** Statements of the same documents that say too little: they are reported. */
  readonly unusableVex?: readonly UnusableStatement[];
  /** Releases that stand in for ones that the vulnerability database does not know. */
  readonly standIns?: readonly StandIn[];
  /** What a release does that gets no more advisories. Default: `fail`. */
  readonly endOfLife?: 'fail' | 'report';
  readonly licenses?: LicensePolicy;
  /** Package URL patterns. */
  readonly deniedPackages?: readonly string[];
  readonly baseImages?: BaseImagePolicy;
  readonly image?: ImagePolicy;
  /** What may be in the layers. Absent: nobody asks, and they are not read. */
  readonly contents?: ContentsPolicy;
  /** Servers that the vulnerability database may come from. Absent: any, and files. */
  readonly databaseMirrors?: AllowLists;
  /** `pinned`: only the published programs that Tidegate pins may have run. Default: the user's own may, too. */
  readonly tools?: 'pinned' | 'any';
  /** Patterns of repositories, with their registry, that an image may go to. */
  readonly registries?: AllowLists;
}

/**
 * The `require` input: kinds of evidence, in any order, or `none`.
 * @throws TidegateError `bad-input` for a word that is neither.
 */
export function parseRequire(words: readonly string[], input = 'require'): readonly Requirable[] {
  const asked = words.map((word) => word.trim().toLowerCase()).filter((word) => word !== '');
  if (asked.length === 1 && asked[0] === 'none') return [];
  for (const word of asked) {
    if (!(REQUIRABLE as readonly string[]).includes(word)) {
      throw badInput(input, word, `${REQUIRABLE.join(', ')}, or none alone`, 'Name the evidence that must be there.');
    }
  }
  return REQUIRABLE.filter((kind) => asked.includes(kind));
}

export type RuleName =
  | 'evidence-readable'
  | 'provenance-present'
  | 'sbom-present'
  | 'sbom-distribution-known'
  | 'scan-present'
  | 'scan-of-this-sbom'
  | 'scan-distribution-known'
  | 'scan-recent'
  | 'database-recent'
  | 'database-source'
  | 'tools-pinned'
  | 'severity-threshold'
  | 'severity-unknown'
  | 'known-exploited'
  | 'epss-threshold'
  | 'risk-threshold'
  | 'ignore-current'
  | 'vex-applied'
  | 'scanner-agrees'
  | 'live-image-compared'
  | 'licenses-allowed'
  | 'packages-denied'
  | 'base-images-allowed'
  | 'base-image-age'
  | 'image-size'
  | 'image-layers'
  | 'image-user'
  | 'image-ports'
  | 'image-volumes'
  | 'contents-present'
  | 'contents-secrets'
  | 'contents-history'
  | 'contents-hidden-packages'
  | 'contents-setuid'
  | 'contents-shells'
  | 'contents-package-managers'
  | 'contents-state'
  | 'contents-devices'
  | 'image-healthcheck'
  | 'image-labels'
  | 'registry-allowed'
  | 'verdict-present'
  | 'signature-present';

/**
 * A rule is told once when it passes or does not apply, and once for each thing that is wrong when it fails.
 */
export interface RuleResult {
  readonly rule: RuleName;
  readonly outcome: 'pass' | 'fail' | 'not-applicable';
  /** One sentence: why, naming the platform or digest it speaks of. May hold text from outside: escape when shown. */
  readonly why: string;
}

export interface Verdict {
  readonly passed: boolean;
  readonly rules: readonly RuleResult[];
  readonly decidedOn: Date;
}
