import type { ProgramEvidence } from '../../evidence.ts';
import type { RuleResult } from '../../policy.ts';
import { evidenceOf, judged, notApplicable, platformsOf, type RuleContext, subjectsOf } from '../context.ts';

/** Programs that each kind of evidence must name. */
const NEEDED = { provenance: ['buildx', 'buildkitd'], sbom: ['syft'], scan: ['grype'] } as const;

/** The image and its evidence were made only by releases that Tidegate pins. */
export function toolsPinned(context: RuleContext): readonly RuleResult[] {
  const rule = 'tools-pinned';
  if (context.policy.tools !== 'pinned') return notApplicable(rule, 'The policy does not restrict tools.');
  const parts = [
    ...subjectsOf(context.image).flatMap((subject) =>
      evidenceOf(context, 'provenance', subject).map(
        ({ programs = [] }) => ({ subject, of: 'provenance', programs }) as const,
      ),
    ),
    ...platformsOf(context.image).flatMap((subject) => [
      // The published formats do not name the program that wrote them; the scanned SBOM does.
      ...evidenceOf(context, 'sbom', subject)
        .filter(({ format }) => format === 'syft')
        .map(({ program }) => ({ subject, of: 'sbom', programs: program ? [program] : [] }) as const),
      ...evidenceOf(context, 'scan', subject).map(
        ({ program }) => ({ subject, of: 'scan', programs: program ? [program] : [] }) as const,
      ),
    ]),
  ];
  if (parts.length === 0) return notApplicable(rule, 'No evidence names a program.');
  const problems = parts.flatMap(({ subject, of, programs }) => [
    ...NEEDED[of]
      .filter((name) => !programs.some((program) => program.name === name))
      .map((name) => `${subject.name}: the ${of} names no ${name} release.`),
    ...programs
      .filter(({ release }) => release === undefined)
      .map(({ digest, name }) => `${subject.name}: ${name} (${digest}) is not a release that Tidegate pins.`),
  ]);
  return judged(rule, [...new Set(problems)], `Pinned releases: ${shown(parts.flatMap(({ programs }) => programs))}.`);
}

function shown(programs: readonly ProgramEvidence[]): string {
  return [...new Set(programs.map(({ name, release = '' }) => `${name} (${release.split('/').at(-1)})`))]
    .sort()
    .join(', ');
}
