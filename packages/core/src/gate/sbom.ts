import { type RuleResult, SBOM_FORMATS } from '../policy.ts';
import { counted } from '../wording.ts';
import {
  evidenceOf,
  type Inquiry,
  judged,
  namesOf,
  notApplicable,
  notRequired,
  platformsOf,
  requires,
} from './inquiry.ts';

/** Every platform has an SBOM in each format, and each lists something. */
export function sbomPresent(inquiry: Inquiry): readonly RuleResult[] {
  const { policy } = inquiry;
  if (!requires(inquiry, 'sbom')) return notRequired('sbom-present', 'sbom');
  const formats = policy.sbomFormats ?? SBOM_FORMATS;
  const platforms = platformsOf(inquiry.image);
  const problems = platforms.flatMap((subject) => {
    const found = evidenceOf(inquiry, 'sbom', subject);
    const missing = formats.filter((format) => !found.some((sbom) => sbom.format === format));
    const empty = policy.allowEmptySbom ? [] : found.filter(({ packages }) => !(packages > 0));
    return [
      ...missing.map((format) => `${subject.name}: there is no ${format} SBOM.`),
      ...empty.map(({ format }) => `${subject.name}: the ${format} SBOM lists no package at all.`),
    ];
  });
  // A policy that asks for no format at all would let "sbom" hold without one.
  if (formats.length === 0) problems.push('The policy requires an SBOM and names no format.');
  const listed = platforms.map((subject) => {
    const most = Math.max(0, ...evidenceOf(inquiry, 'sbom', subject).map(({ packages }) => packages));
    return `${subject.name} ${counted(most, 'package')}`;
  });
  return judged('sbom-present', problems, `SBOM (${formats.join(', ')}): ${listed.join(', ')}.`);
}

/**
 * deb, rpm and apk packages match advisories only through their distribution. Without it the scanner finds nothing
 * about them and says so with exit 0: the cleanest report there is.
 */
export function distributionKnown(inquiry: Inquiry): readonly RuleResult[] {
  const platforms = platformsOf(inquiry.image);
  const catalogues = platforms.flatMap((subject) =>
    evidenceOf(inquiry, 'sbom', subject)
      .filter(({ format }) => format === 'syft')
      .map((sbom) => ({ subject, sbom })),
  );
  if (catalogues.length === 0)
    return notApplicable('sbom-distribution-known', 'There is no SBOM that a scan would read.');
  const problems = catalogues.flatMap(({ subject, sbom }) => {
    if (sbom.distribution) return [];
    if (sbom.osPackages > 0) {
      return [`${subject.name}: ${counted(sbom.osPackages, 'package')} of a distribution, and which one is unknown.`];
    }
    const [trace] = sbom.osTraces ?? [];
    return trace ? [`${subject.name}: ${trace} is there, and which distribution it is of is unknown.`] : [];
  });
  const known = new Set(catalogues.map(({ sbom }) => sbom.distribution ?? 'no distribution'));
  return judged('sbom-distribution-known', problems, `${namesOf(platforms)}: ${[...known].join(', ')}.`);
}
