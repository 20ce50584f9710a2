import type { DeclaredIn } from '../../declared-in/declared-in.ts';
import type { Component } from '../../evidence.ts';
import type { Finding } from '../../finding.ts';
import type { RuleResult } from '../../policy.ts';

/** A layer of one platform, the lowest first. */
export interface ReportedLayer {
  readonly digest: string;
  /** Compressed bytes, as in a registry. */
  readonly size: number;
  /** The instruction or base image that created it, if known. */
  readonly made?: string;
  /** `Dockerfile:12`. */
  readonly place?: string | undefined;
}

export interface ReportedFinding extends Finding {
  readonly blocking: boolean;
  /** `Dockerfile:12`, or the line of a lock file. */
  readonly place?: string;
  /** The file that declares its package. */
  readonly declaredIn?: DeclaredIn | undefined;
  /** The fix, as a sentence. */
  readonly remedy?: string;
  /** The source of the suppression: an ignore entry or a VEX statement. */
  readonly suppressed?: string | undefined;
  /** It would fail the gate, but this live image already has it: `ghcr.io/acme/app:latest`. */
  readonly alreadyLive?: string | undefined;
}

export interface ReportedPlatform {
  readonly platform: string;
  /** Digest of its manifest. */
  readonly digest: string;
  readonly layers: readonly ReportedLayer[];
  readonly packages: readonly Component[];
  readonly findings: readonly ReportedFinding[];
}

export interface HtmlReport {
  readonly name: string;
  readonly digest: string;
  readonly passed?: boolean;
  readonly rules: readonly RuleResult[];
  readonly platforms: readonly ReportedPlatform[];
}
