import { type RuleResult, SBOM_FORMATS } from '../../policy.ts';
import { counted } from '../../text/wording.ts';
import { evidenceOf, judged, notRequired, platformsOf, type RuleContext, requires } from '../context.ts';

/** Every platform has an SBOM in each format, and each lists at least one package. */
export function sbomPresent(context: RuleContext): readonly RuleResult[] {
  const { policy } = context;
  if (!requires(context, 'sbom')) return notRequired('sbom-present', 'sbom');
  const formats = policy.sbomFormats ?? SBOM_FORMATS;
  const platforms = platformsOf(context.image);
  const problems = platforms.flatMap((subject) => {
    const found = evidenceOf(context, 'sbom', subject);
    const missing = formats.filter((format) => !found.some((sbom) => sbom.format === format));
    const empty = policy.allowEmptySbom ? [] : found.filter(({ packages }) => !(packages > 0));
    return [
      ...missing.map((format) => `${subject.name}: there is no ${format} SBOM.`),
      ...empty.map(({ format }) => `${subject.name}: the ${format} SBOM lists no package.`),
    ];
  });
  // With an empty list of formats, the requirement "sbom" would pass without an SBOM.
  if (formats.length === 0) problems.push('The policy requires an SBOM but names no format.');
  const listed = platforms.map((subject) => {
    const most = Math.max(0, ...evidenceOf(context, 'sbom', subject).map(({ packages }) => packages));
    return `${subject.name} ${counted(most, 'package')}`;
  });
  return judged('sbom-present', problems, `SBOM (${formats.join(', ')}): ${listed.join(', ')}.`);
}
