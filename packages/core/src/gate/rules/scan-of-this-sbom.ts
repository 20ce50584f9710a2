import type { RuleResult } from '../../policy.ts';
import { evidenceOf, type Inquiry, notApplicable, platformsOf, requires, type Subject } from '../inquiry.ts';
import { ofScans } from '../scans.ts';

/** What was scanned is this platform's catalogue and no other: neither another image's nor an older one. */
export function scanOfThisSbom(inquiry: Inquiry): readonly RuleResult[] {
  const rule = 'scan-of-this-sbom';
  const catalogues = (subject: Subject) =>
    evidenceOf(inquiry, 'sbom', subject).filter(({ format }) => format === 'syft');
  const here = platformsOf(inquiry.image).some((subject) => catalogues(subject).length > 0);
  const expected = requires(inquiry, 'sbom') && (inquiry.policy.sbomFormats?.includes('syft') ?? true);
  if (!here && !expected) return notApplicable(rule, 'The SBOM that the scan read is not published.');
  return ofScans(
    inquiry,
    rule,
    (scan, subject) =>
      catalogues(subject).some(({ document }) => document === scan.sbom)
        ? catalogues(subject)
            .filter(({ document }) => !evidenceOf(inquiry, 'scan', subject).some(({ sbom }) => sbom === document))
            .map(({ document }) => `another SBOM of it (${document}) was not scanned.`)
        : [`the scan read ${scan.sbom}, which is no SBOM of it.`],
    () => 'Each scan read the SBOM of its platform.',
  );
}
