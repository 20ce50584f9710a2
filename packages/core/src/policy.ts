import type { RankedSeverity } from './severity.ts';

/** Kinds of evidence that a policy may require. */
export const REQUIRABLE = ['provenance', 'sbom', 'scan', 'verdict', 'signature'] as const;
export type Requirable = (typeof REQUIRABLE)[number];

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
