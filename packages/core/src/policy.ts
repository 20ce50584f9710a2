import type { ContentsPolicy } from './contents/rules.ts';
import type { SbomEvidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import type { Digest } from './image/digest.ts';
import type { RankedSeverity } from './severity.ts';
import type { UnusableStatement, VexStatement } from './vex/statement.ts';

/** Kinds of evidence that a policy may require. */
export const REQUIRABLE = ['provenance', 'sbom', 'scan', 'tests', 'reproduced', 'verdict', 'signature'] as const;
export type Requirable = (typeof REQUIRABLE)[number];
/** Required unless the policy says otherwise: what every image has. Tests must be written first, and a rebuild costs time. */
export const REQUIRED_BY_DEFAULT: readonly Requirable[] = REQUIRABLE.filter(
  (kind) => kind !== 'tests' && kind !== 'reproduced',
);

/** The formats every platform has: `syft` for the scan, the other two to publish. */
export const SBOM_FORMATS: readonly SbomEvidence['format'][] = ['syft', 'spdx', 'cyclonedx'];

/**
 * Allow lists, one for each policy. A value must be on every list: if an organisation's policy and a repository's
 * policy both have one, neither widens the other.
 */
export type AllowLists = readonly (readonly string[])[];

/** A reviewed finding that does not count until a date. */
export interface Ignored {
  /** Id of the finding's advisory, or an alias of it. */
  readonly id: string;
  /** A package URL pattern (purl-pattern.ts). */
  readonly package: string;
  readonly reason: string;
  /** From this time on it suppresses nothing, and fails the gate. */
  readonly expires: Date;
  /** Location of the entry, for people: `.github/tidegate.yml:12`. */
  readonly from: string;
}

/** A derivative of a distribution, and the release whose advisories apply to its packages. */
export interface StandIn {
  /** The distribution named in the image: `acmeos 1.0`. */
  readonly image: string;
  /** `debian 12`. */
  readonly as: string;
  readonly reason: string;
}

export interface LicensePolicy {
  /** SPDX expressions. Empty: all licences are allowed, except denied ones. */
  readonly allow: AllowLists;
  readonly deny: readonly string[];
  /** Whether a package without a licence that can be read as SPDX fails. */
  readonly unknown: 'fail' | 'report';
  /** Package URL patterns of packages whose licence was reviewed. */
  readonly except: readonly string[];
}

export interface BaseImagePolicy {
  /** Patterns of repositories with their registry: `gcr.io/distroless/*`. */
  readonly allow: AllowLists;
  /** Age of the image's oldest layer, its base's first, when the gate decides. */
  readonly maxAge?: number;
  /** Whether a base image without a date, such as a reproducible one, fails. */
  readonly undated: 'fail' | 'report';
}

/** Limits for an image. Absent: no limit. */
export interface ImagePolicy {
  /** Compressed bytes of config and layers of each platform. */
  readonly maxSize?: number;
  readonly maxLayers?: number;
  /** A container must not start as root. */
  readonly nonRoot?: boolean;
  /** Allowed users, as written in the config. */
  readonly users?: AllowLists;
  /** Allowed exposed ports: `8080/tcp`. */
  readonly ports?: AllowLists;
  readonly volumes?: AllowLists;
}

/** Requirements for a tag. Durations are in milliseconds. */
export interface Policy {
  readonly require: readonly Requirable[];
  /** Predicate types of a user's own evidence that the index and every platform must have. */
  readonly predicates?: readonly string[] | undefined;
  /** Minimum severity that fails; `none`: no ranked severity fails. */
  readonly failOn: RankedSeverity | 'none';
  /** Whether a finding without a severity fails, or is only reported. */
  readonly unknownSeverity: 'fail' | 'report';
  /** Count only findings with a known fixed version. */
  readonly onlyFixed: boolean;
  /** Age of the vulnerability database at the time of the scan. */
  readonly maxDatabaseAge: number;
  /** Age of the scan itself when the gate decides. */
  readonly maxScanAge: number;
  /** Formats that `sbom` requires. Default: all; SBOMs from a registry have no `syft`, because it is not published. */
  readonly sbomFormats?: readonly SbomEvidence['format'][] | undefined;
  /**
   * Allow an empty SBOM (an image from scratch with one static binary). Default: it fails, because a crash looks the
   * same.
   */
  readonly allowEmptySbom?: boolean;
  /** Count a second build only if it ran on another runner, with a BuildKit of that runner. Requires `reproduced`. */
  readonly independentRebuild?: boolean | undefined;
  /** Allow matches that the scanner left out because of its own configuration. Default: they fail. */
  readonly allowSuppressed?: boolean;
  /**
   * The policy that a verdict must name (the digest of its document). Default: any, because this gate judges the scan
   * again.
   */
  readonly verdictOf?: Digest | undefined;
  /** Thresholds by fix state, which replace `failOn`. */
  readonly failOnByFix?: Readonly<Partial<Record<Finding['fix'], RankedSeverity | 'none'>>>;
  /** Whether a known exploited finding fails, whatever its severity and fix. Default: `fail`. */
  readonly knownExploited?: 'fail' | 'report' | undefined;
  /**
   * Grace period after the release of a fix before its finding fails, if the scan has the date. Never for critical and
   * known exploited findings. Default: none.
   */
  readonly fixGrace?: number;
  /** Whether a finding fails that the live image has as well, by its signed scan. Default: `fail`, like any other. */
  readonly alreadyLive?: 'fail' | 'report' | undefined;
  /** Maximum probability (0 to 1) of an attack within 30 days. */
  readonly maxEpss?: number;
  /** Maximum risk (0 to 100, calculated by Grype). */
  readonly maxRisk?: number;
  readonly ignore?: readonly Ignored[];
  /** Maximum time until `expires` of an ignored finding. */
  readonly maxIgnoreTime?: number;
  readonly vex?: readonly VexStatement[] | undefined;
  /** Incomplete statements of the same documents, which are reported. */
  readonly unusableVex?: readonly UnusableStatement[] | undefined;
  /** Releases that replace unknown ones in the vulnerability database. */
  readonly standIns?: readonly StandIn[];
  /** Whether a release past its end of life fails. Default: `fail`. */
  readonly endOfLife?: 'fail' | 'report';
  readonly licenses?: LicensePolicy;
  /** Package URL patterns. */
  readonly deniedPackages?: readonly string[];
  readonly baseImages?: BaseImagePolicy;
  readonly image?: ImagePolicy;
  /** Limits for the contents of layers. Absent: layers are not read. */
  readonly contents?: ContentsPolicy | undefined;
  /** Allowed servers of the vulnerability database. Absent: any server, and files. */
  readonly databaseMirrors?: AllowLists;
  /** `pinned`: only releases that Tidegate pins are allowed. Default: the user's own programs as well. */
  readonly tools?: 'pinned' | 'any';
  /** Patterns of allowed destination repositories, with their registry. */
  readonly registries?: AllowLists;
}

export type RuleName =
  | 'evidence-readable'
  | 'provenance-present'
  | 'sbom-present'
  | 'sbom-distribution-known'
  | 'scan-present'
  | 'tests-passed'
  | 'predicates-present'
  | 'reproduced'
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
 * A rule has one result if it passes or does not apply, and one result for each problem if it fails.
 */
export interface RuleResult {
  readonly rule: RuleName;
  readonly outcome: 'pass' | 'fail' | 'not-applicable';
  /** One sentence: the reason, with the platform or digest. May contain untrusted text: escape it for display. */
  readonly why: string;
}

export interface Verdict {
  readonly passed: boolean;
  readonly rules: readonly RuleResult[];
  readonly decidedOn: Date;
}
