import type { Evidence } from '../evidence.ts';
import type { Image } from '../image/image.ts';
import type { Policy, RuleName, RuleResult, Verdict } from '../policy.ts';
import { type GateContext, type Rule, subjectsOf } from './context.ts';
import { withImplied } from './implied.ts';
import { baseImageAge } from './rules/base-image-age.ts';
import { baseImagesAllowed } from './rules/base-images-allowed.ts';
import { databaseRecent } from './rules/database-recent.ts';
import { databaseSource } from './rules/database-source.ts';
import { epssThreshold } from './rules/epss-threshold.ts';
import { evidenceReadable } from './rules/evidence-readable.ts';
import { ignoreCurrent } from './rules/ignore-current.ts';
import {
  contentsDevices,
  contentsHiddenPackages,
  contentsHistory,
  contentsPackageManagers,
  contentsPresent,
  contentsSecrets,
  contentsSetuid,
  contentsShells,
  contentsState,
  imageHealthcheck,
  imageLabels,
} from './rules/image-contents.ts';
import { imageLayers } from './rules/image-layers.ts';
import { imagePorts } from './rules/image-ports.ts';
import { imageSize } from './rules/image-size.ts';
import { imageUser } from './rules/image-user.ts';
import { imageVolumes } from './rules/image-volumes.ts';
import { knownExploited } from './rules/known-exploited.ts';
import { licensesAllowed } from './rules/licenses-allowed.ts';
import { liveImageCompared } from './rules/live-image-compared.ts';
import { packagesDenied } from './rules/packages-denied.ts';
import { predicatesPresent } from './rules/predicates-present.ts';
import { provenancePresent } from './rules/provenance-present.ts';
import { registryAllowed } from './rules/registry-allowed.ts';
import { reproduced } from './rules/reproduced.ts';
import { riskThreshold } from './rules/risk-threshold.ts';
import { distributionKnown } from './rules/sbom-distribution-known.ts';
import { sbomPresent } from './rules/sbom-present.ts';
import { scanDistributionKnown } from './rules/scan-distribution-known.ts';
import { scanOfThisSbom } from './rules/scan-of-this-sbom.ts';
import { scanPresent } from './rules/scan-present.ts';
import { scanRecent } from './rules/scan-recent.ts';
import { scannerAgrees } from './rules/scanner-agrees.ts';
import { severityThreshold } from './rules/severity-threshold.ts';
import { severityUnknown } from './rules/severity-unknown.ts';
import { signaturePresent } from './rules/signature-present.ts';
import { testsPassed } from './rules/tests-passed.ts';
import { toolsPinned } from './rules/tools-pinned.ts';
import { verdictPresent } from './rules/verdict-present.ts';
import { vexApplied } from './rules/vex-applied.ts';

/** Every rule by its name: the compiler checks that none is missing. */
const RULES: Readonly<Record<RuleName, Rule>> = {
  'evidence-readable': evidenceReadable,
  'provenance-present': provenancePresent,
  'sbom-present': sbomPresent,
  'sbom-distribution-known': distributionKnown,
  'scan-present': scanPresent,
  'scan-of-this-sbom': scanOfThisSbom,
  'scan-distribution-known': scanDistributionKnown,
  'scan-recent': scanRecent,
  'database-recent': databaseRecent,
  'database-source': databaseSource,
  'tools-pinned': toolsPinned,
  'severity-threshold': severityThreshold,
  'severity-unknown': severityUnknown,
  'known-exploited': knownExploited,
  'epss-threshold': epssThreshold,
  'risk-threshold': riskThreshold,
  'ignore-current': ignoreCurrent,
  'vex-applied': vexApplied,
  'scanner-agrees': scannerAgrees,
  'live-image-compared': liveImageCompared,
  'licenses-allowed': licensesAllowed,
  'packages-denied': packagesDenied,
  'base-images-allowed': baseImagesAllowed,
  'base-image-age': baseImageAge,
  'image-size': imageSize,
  'image-layers': imageLayers,
  'image-user': imageUser,
  'image-ports': imagePorts,
  'image-volumes': imageVolumes,
  'contents-present': contentsPresent,
  'contents-secrets': contentsSecrets,
  'contents-history': contentsHistory,
  'contents-hidden-packages': contentsHiddenPackages,
  'contents-setuid': contentsSetuid,
  'contents-shells': contentsShells,
  'contents-package-managers': contentsPackageManagers,
  'contents-state': contentsState,
  'contents-devices': contentsDevices,
  'image-healthcheck': imageHealthcheck,
  'image-labels': imageLabels,
  'registry-allowed': registryAllowed,
  'tests-passed': testsPassed,
  'predicates-present': predicatesPresent,
  reproduced,
  'verdict-present': verdictPresent,
  'signature-present': signaturePresent,
};

/**
 * The gate: decides whether tags may point at this image. No tag is set without it.
 *
 * Every rule runs, and all evidence counts: a first scan that passes does not outweigh a second that fails. Evidence
 * that is missing, unreadable, stale or about another image fails, and so does the absence of evidence that a rule of
 * the policy reads.
 */
export function decide(
  policy: Policy,
  image: Image,
  evidence: readonly Evidence[],
  now: Date,
  gateContext: GateContext = {},
): Verdict {
  const subjects = new Set<string>(subjectsOf(image).map(({ digest }) => digest));
  const context = {
    policy: withImplied(policy),
    image,
    evidence: evidence.filter(({ subject }) => subjects.has(subject)),
    foreign: evidence.filter(({ subject }) => !subjects.has(subject)),
    now,
    gateContext,
  };
  return makeVerdict(
    Object.values(RULES).flatMap((rule) => rule(context)),
    now,
  );
}

/** Passes if at least one rule passed and none failed: a verdict without an applicable rule does not pass. */
export function makeVerdict(rules: readonly RuleResult[], decidedOn: Date): Verdict {
  const held = rules.some(({ outcome }) => outcome === 'pass');
  const clean = rules.every(({ outcome }) => outcome === 'pass' || outcome === 'not-applicable');
  return { passed: held && clean, rules, decidedOn };
}
