import type { RuleResult } from '../../policy.ts';
import {
  evidenceOf,
  judged,
  notApplicable,
  platformsOf,
  type RuleContext,
  requires,
  type Subject,
} from '../context.ts';
import { ofScans, scansOf } from '../scans.ts';

/** The scan read this platform's SBOM, not that of another image and not an older one. */
export function scanOfThisSbom(context: RuleContext): readonly RuleResult[] {
  const rule = 'scan-of-this-sbom';
  const catalogs = (subject: Subject) => evidenceOf(context, 'sbom', subject).filter(({ format }) => format === 'syft');
  const expected = requires(context, 'sbom') && (context.policy.sbomFormats?.includes('syft') ?? true);
  // Not available if the SBOM was made where the image was built, and the scan runs where it was published.
  const readable = (subject: Subject) =>
    expected || catalogs(subject).length > 0 ? catalogs(subject) : evidenceOf(context, 'sbom', subject);
  const here = platformsOf(context.image).some((subject) => catalogs(subject).length > 0);
  if (!here && !expected) return ofPublished(context);
  return ofScans(
    context,
    rule,
    (scan, subject) =>
      readable(subject).some(({ document }) => document === scan.sbom)
        ? catalogs(subject)
            .filter(({ document }) => !evidenceOf(context, 'scan', subject).some(({ sbom }) => sbom === document))
            .map(({ document }) => `another SBOM of this platform (${document}) was not scanned.`)
        : [`the scan read ${scan.sbom}, which is not an SBOM of this platform: scan again after each new SBOM.`],
    () => 'Each scan read the SBOM of its platform.',
  );
}

/** For a published image: a scan after publication reads a published SBOM; a scan before it did not. */
function ofPublished(context: RuleContext): readonly RuleResult[] {
  const rule = 'scan-of-this-sbom';
  const scans = scansOf(context);
  const reads = scans.filter(({ scan, subject }) =>
    evidenceOf(context, 'sbom', subject).some(({ document }) => document === scan.sbom),
  );
  return scans.length > 0 && reads.length === scans.length
    ? judged(rule, [], 'Each scan read the published SBOM of its platform.')
    : notApplicable(rule, 'The SBOM that the scan read is not published.');
}
