import type { Trust, VerdictOptions } from '@tidegate/attest';
import type { Digest, OneOrMore, SourcePolicy, Verdict } from '@tidegate/core';
import type { ToolName } from '@tidegate/tools';
import type { ComparedImage, LiveImage } from './baseline/live.ts';
import type { Builder } from './build/builder.ts';
import type { SourceCheck } from './build/clean-sources.ts';
import type { StepCounts } from './build/failure/transcript.ts';
import type { BuildOptions } from './build/options.ts';
import type { ExportedOutput } from './build/outputs.ts';
import type { DatabaseOptions } from './database/database.ts';
import type { Proven } from './evidence/proven.ts';
import type { LintReport } from './lint/options.ts';
import type { PushReport } from './push/publish.ts';
import type { PushDestination } from './push/push.ts';
import type { Rebuild } from './reproduce/rebuild.ts';
import type { PlatformContents } from './sbom/contents.ts';
import type { PlatformSbom } from './sbom/sbom.ts';
import type { ExamineOptions } from './scan/examine.ts';
import type { PlatformScan } from './scan/scan.ts';
import type { Services } from './services.ts';
import type { SignOptions, SignResult } from './sign/sign.ts';
import type { Target } from './target.ts';

/** Destinations of an image that passes the gate, and how it is signed. */
export interface Destination extends PushDestination {
  /**
   * Starts when `ship` starts: an unusable key stops the build. The certificate is requested only when there is
   * something to sign: an identity token lives for minutes, a build takes longer.
   */
  readonly signing?: Promise<(services: Services) => Promise<SignOptions>> | undefined;
  /** Programs that signing needs. They are downloaded together with the other tools. */
  readonly signingTools: readonly ToolName[];
  /** Required signers when `signing` creates no signature. */
  readonly trust: Trust;
  /** Number of scans and verdicts of this signer to keep on each manifest. Default: all, like 0. */
  readonly keepScans?: number | undefined;
  /** Use SBOMs and the verdict on the layers that this signer has published about the very same image. Default: no. */
  readonly reuseEvidence?: boolean | undefined;
}

export interface ShipOptions extends ExamineOptions {
  readonly database: DatabaseOptions;
  readonly build: BuildOptions;
  /** Absent: source rules are not applied. */
  readonly lint?: SourceCheck | undefined;
  readonly builder: (services: Services) => Promise<Builder>;
  /** Digest of the policy document, which the verdict names. */
  readonly policyDigest: Digest;
  readonly sources: SourcePolicy;
  /** Verifier in the verdict: the workflow's URI on a runner. */
  readonly verifier: VerdictOptions['verifier'];
  /** Add SBOM and provenance to the index, for Docker's tools. Default: no. */
  readonly dockerAttestations?: boolean | undefined;
  /** Undefined: build, catalog, scan and evaluate the gate, but publish nothing (a pull request). */
  readonly destination?: Destination | undefined;
  /** Without a destination: the image to compare with. */
  readonly comparedWith?: ComparedImage | undefined;
}

/** Progress so far. Filled in step by step, so that a failure can still be reported in full. */
export interface ShipProgress {
  lint?: LintReport;
  target?: Target;
  /** Steps of the build, and how many of them were cached. */
  steps?: StepCounts;
  /** A second build, if one was requested. */
  rebuilt?: Rebuild;
  /** Published evidence that was used again. */
  proven?: Proven | undefined;
  /** Files of stages, in their places. */
  exported?: readonly ExportedOutput[];
  sboms?: readonly PlatformSbom[];
  scans?: readonly PlatformScan[];
  contents?: readonly PlatformContents[] | undefined;
  verdict?: Verdict;
  /** The tag that was live before, to compare this image with. */
  live?: LiveImage;
  signed?: SignResult;
  /** For each destination, in their order. */
  pushed?: OneOrMore<PushReport>;
}
