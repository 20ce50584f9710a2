import type { Digest } from './digest.ts';
import { badInput } from './error.ts';
import type { SbomEvidence } from './evidence.ts';
import type { RankedSeverity } from './severity.ts';

/** Kinds of evidence that a policy may require. */
export const REQUIRABLE = ['provenance', 'sbom', 'scan', 'verdict', 'signature'] as const;
export type Requirable = (typeof REQUIRABLE)[number];

/** The formats every platform has: `syft` for the scan, the other two to publish. */
export const SBOM_FORMATS: readonly SbomEvidence['format'][] = ['syft', 'spdx', 'cyclonedx'];

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
  /** The policy a verdict must be of (see policyDigest). Default: any, as this gate judges the scan again itself. */
  readonly verdictOf?: Digest;
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
  | 'scan-recent'
  | 'database-recent'
  | 'severity-threshold'
  | 'severity-unknown'
  | 'scanner-agrees'
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
