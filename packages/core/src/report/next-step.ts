import type { RuleName } from '../policy.ts';

/** What a user can do where a rule failed. */
export const NEXT_STEP: Readonly<Record<RuleName, string>> = {
  'evidence-readable': 'Make the evidence again for this image; remove what is not about it from the layout.',
  'provenance-present': 'Build with build-image, which keeps the provenance that BuildKit writes.',
  'sbom-present': 'Run generate-sbom on this layout before the gate.',
  'sbom-distribution-known':
    'Keep /etc/os-release in the image: without it no package of the distribution can be matched.',
  'scan-present': 'Run scan-image on this layout before the gate.',
  'scan-of-this-sbom': 'Run generate-sbom and then scan-image again: the SBOM changed after it was scanned.',
  'scan-recent': 'Run scan-image again.',
  'database-recent': 'Let scan-image download a newer database, or allow an older one with max-db-age.',
  'severity-threshold': 'Upgrade what is named under Findings.',
  'severity-unknown': 'Look at the advisories named; unknown-severity: report lets them pass.',
  'scanner-agrees': 'Run scan-image again, without a configuration of your own for the scanner.',
  'verdict-present': 'Run scan-image again: its verdict is recorded when the gate opens.',
  'signature-present': 'Run sign-image after scan-image, and give push-image the key that belongs to it.',
};
