import {
  baselinesOf,
  blockingFindings,
  type CauseMap,
  causeOf,
  compared,
  type DeclaredIn,
  type Digest,
  type Finding,
  fixSentence,
  type Place,
  type PlatformImage,
  type Policy,
  packageKey,
  placeToChange,
  type ReportedLayer,
  type ReportedPlatform,
  type SuppressedFinding,
  suppress,
} from '@tidegate/core';
import { baselinesIn, causesOf, type PlatformScan, platformLayers, type Target } from '@tidegate/pipeline';

/** One platform as reports show it: every finding with its outcome and its cause. */
export interface PlatformView {
  readonly platform: string;
  readonly one: PlatformImage;
  readonly findings: readonly Finding[];
  /** Worst first. */
  readonly blocking: readonly Finding[];
  readonly suppressed: ReadonlyMap<Finding, SuppressedFinding>;
  /** Findings that would fail the gate if the live image did not have them: one warning each. Worst first. */
  readonly live: readonly Finding[];
  /** `ghcr.io/acme/app:latest`, if findings were compared with it. */
  readonly liveName?: string | undefined;
  readonly causes?: CauseMap | undefined;
  /** The files of the commit that declare packages, by `packageKey`. */
  readonly declared?: ReadonlyMap<string, DeclaredIn> | undefined;
}

export async function platformViews(
  target: Target,
  policy: Policy,
  scans: readonly PlatformScan[],
  now: Date,
): Promise<readonly PlatformView[]> {
  const views = scans.map(async ({ platform, evidence: { findings, subject } }) => {
    const one = target.image.platforms.find(({ descriptor }) => descriptor.digest === subject);
    if (!one) return [];
    const { counted, suppressed } = suppress(policy, target.image, subject, findings, now);
    const baselines = baselinesOf(baselinesIn(target), subject);
    const { fresh, live } = compared(policy, baselines, counted);
    const [named] = baselines.flatMap((each) => each.live ?? []);
    const causes = await causesOf(target, one);
    return [
      {
        platform,
        one,
        findings,
        blocking: blockingFindings(policy, fresh, now),
        live: blockingFindings(policy, live, now),
        liveName: named === undefined ? undefined : `${named.repository}:${named.tag}`,
        suppressed: new Map(suppressed.map((each) => [each.finding, each])),
        causes,
      },
    ];
  });
  return (await Promise.all(views)).flat();
}

/** `Dockerfile:12`. */
function placed(place: Place | undefined): { place?: string } {
  return place ? { place: `${place.file}:${place.line}` } : {};
}

/** The same for the HTML report, with the packages and layers that were read for it. */
export async function reportedPlatform(target: Target, view: PlatformView): Promise<ReportedPlatform> {
  const { blocking, causes, declared, findings, live, liveName = 'the live image', one, platform, suppressed } = view;
  const shutting = new Set(blocking);
  const warned = new Set(live);
  const layers = await platformLayers(target, one);
  return {
    platform,
    digest: one.descriptor.digest,
    packages: packagesOf(target, one.descriptor.digest),
    layers: layers.map(({ digest, size }, at): ReportedLayer => ({ digest, size, ...madeBy(causes, at) })),
    findings: findings.map((finding) => {
      const cause = causes && causeOf(finding, causes);
      const by = suppressed.get(finding);
      const declaredIn = declared?.get(packageKey(finding.package));
      return {
        ...finding,
        blocking: shutting.has(finding),
        remedy: fixSentence(finding, cause, declaredIn),
        declaredIn,
        ...placed(placeToChange({ cause, declaredIn })),
        suppressed: by === undefined ? undefined : `${by.from}: ${by.reason}`,
        alreadyLive: warned.has(finding) ? liveName : undefined,
      };
    }),
  };
}

function packagesOf({ evidence }: Target, subject: Digest) {
  return evidence
    .all()
    .flatMap((one) => (one.kind === 'sbom' && one.subject === subject ? (one.components ?? []) : []));
}

function madeBy(causes: CauseMap | undefined, at: number): Pick<ReportedLayer, 'made' | 'place'> {
  const origin = causes?.origin.layers[at];
  if (!causes || !origin) return {};
  const made = origin.kind === 'instruction' ? origin.text : `base image ${origin.image}`;
  return { made, place: origin.line === undefined ? undefined : `${causes.origin.file}:${origin.line}` };
}
