import type { RuleResult } from '../../policy.ts';
import { counted } from '../../text/wording.ts';
import { evidenceOf, judged, namesOf, notApplicable, platformsOf, type RuleContext } from '../context.ts';

/**
 * deb, rpm and apk packages match advisories only through their distribution. If it is unknown, the scanner finds
 * nothing about them and exits 0, as for an image without vulnerabilities.
 */
export function distributionKnown(context: RuleContext): readonly RuleResult[] {
  const platforms = platformsOf(context.image);
  const catalogs = platforms.flatMap((subject) =>
    evidenceOf(context, 'sbom', subject)
      .filter(({ format }) => format === 'syft')
      .map((sbom) => ({ subject, sbom })),
  );
  if (catalogs.length === 0) return notApplicable('sbom-distribution-known', 'There is no SBOM for a scan to read.');
  const problems = catalogs.flatMap(({ subject, sbom }) => {
    if (sbom.distribution) return [];
    if (sbom.osPackages > 0) {
      return [`${subject.name}: the distribution of ${counted(sbom.osPackages, 'system package')} is unknown.`];
    }
    const [trace] = sbom.osTraces ?? [];
    return trace ? [`${subject.name}: the image has ${trace}, but its distribution is unknown.`] : [];
  });
  const known = new Set(catalogs.map(({ sbom }) => sbom.distribution ?? 'no distribution'));
  return judged('sbom-distribution-known', problems, `${namesOf(platforms)}: ${[...known].join(', ')}.`);
}
