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

/** What was scanned is this platform's catalogue and no other: neither another image's nor an older one. */
export function scanOfThisSbom(context: RuleContext): readonly RuleResult[] {
  const rule = 'scan-of-this-sbom';
  const catalogues = (subject: Subject) =>
    evidenceOf(context, 'sbom', subject).filter(({ format }) => format === 'syft');
  const expected = requires(context, 'sbom') && (context.policy.sbomFormats?.includes('syft') ?? true);
  // Of a platform that was catalogued where it was built, and is scanned where it was published, that is not at hand.
  const readable = (subject: Subject) =>
    expected || catalogues(subject).length > 0 ? catalogues(subject) : evidenceOf(context, 'sbom', subject);
  const here = platformsOf(context.image).some((subject) => catalogues(subject).length > 0);
  if (!here && !expected) return ofPublished(context);
  return ofScans(
    context,
    rule,
    (scan, subject) =>
      readable(subject).some(({ document }) => document === scan.sbom)
        ? catalogues(subject)
            .filter(({ document }) => !evidenceOf(context, 'scan', subject).some(({ sbom }) => sbom === document))
            .map(({ document }) => `another SBOM of it (${document}) was not scanned.`)
        : [`the scan read ${scan.sbom}, which is no SBOM of it.`],
    () => 'Each scan read the SBOM of its platform.',
  );
}

/** Of an image that is published: a scan after the publication reads one of the published SBOMs, one before it did not. */
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
