import { rm } from 'node:fs/promises';
import type { Trust, VerdictOptions } from '@tidegate/attest';
import { type Digest, mayLeave, TidegateError, together, type Verdict } from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import type { ToolName } from '@tidegate/tools';
import { build } from './build/build.ts';
import type { Builder } from './build/engine.ts';
import type { BuildOptions } from './build/options.ts';
import { contents, type PlatformContents } from './contents.ts';
import { updateDatabase } from './database.ts';
import { TRUST_NOBODY } from './evidence-store.ts';
import { type ExamineOptions, examine } from './examine.ts';
import { assertMayGo, assertOpen, beforeSigning, judge, recordVerdict } from './gate.ts';
import { assertClean, type LintReport } from './lint-source.ts';
import { type LiveImage, readLive } from './live.ts';
import { assertMayMove, preflight, type TagsBefore } from './push/preflight.ts';
import { type PushReport, publish, pushBlobs } from './push/publish.ts';
import type { PlatformSbom } from './sbom.ts';
import type { PlatformScan } from './scan.ts';
import type { Services } from './services.ts';
import { type SignOptions, type SignResult, sign } from './sign.ts';
import type { Target } from './target.ts';

/** Where an image goes when its gate opens. */
export interface Destination {
  readonly registry: Registry;
  readonly tags: readonly string[];
  readonly immutableTags: boolean;
  /**
   * Being read from when this begins: a key that cannot be used stops the build. Its certificate is asked for only when
   * there is something to sign: an identity token lives for minutes, a build for longer.
   */
  readonly signing?: Promise<(services: Services) => Promise<SignOptions>>;
  /** What signing will run: it arrives with the other tools. */
  readonly signingTools: readonly ToolName[];
  /** Whose signatures are asked for when `signing` makes none. */
  readonly trust: Trust;
}

export interface ShipOptions extends ExamineOptions {
  readonly build: BuildOptions;
  /**
   * What the rules for sources say: nothing is built before it is there. Whoever asked them may have done so before all
   * else was known. None: they are not asked.
   */
  readonly lint?: { readonly report: Promise<LintReport>; readonly failOn: 'error' | 'none' };
  readonly builder: (services: Services) => Promise<Builder>;
  /** Digest of the policy document, which the verdict names. */
  readonly policyDigest: Digest;
  /** Who decides, for the verdict: the workflow's URI on a runner. */
  readonly verifier: VerdictOptions['verifier'];
  /** None: build, catalogue, scan and judge, and publish nothing (a pull request). */
  readonly destination?: Destination;
}

/** How far it came. Handed out as it grows, so that a refusal can still be reported in full. */
export interface Shipment {
  lint?: LintReport;
  target?: Target;
  sboms?: readonly PlatformSbom[];
  scans?: readonly PlatformScan[];
  contents?: readonly PlatformContents[];
  verdict?: Verdict;
  /** The tag that was live before, to hold this image against. */
  live?: LiveImage;
  signed?: SignResult;
  pushed?: PushReport;
}

/**
 * All stages in order, overlapped where nothing is given away: tools arrive while BuildKit builds, the database until
 * Grype wants it, and blobs go up while the SBOM and the scan run, once the layers have been read and hold no secret:
 * what a registry has had for a minute cannot be taken back. No manifest goes up before the gate has opened, no tag
 * before everything has been read back. A shut gate stops the upload.
 * @param shipment filled in as stages end
 */
export async function ship(options: ShipOptions, services: Services, shipment: Shipment): Promise<void> {
  const { destination, policy } = options;
  // Blobs go up before the gate is asked: where they may not go, they never start.
  if (destination) assertMayGo(policy, destination.registry);
  await together(services.signal, (signal) => {
    const inner = { ...services, signal };
    const database = updateDatabase(options.database, inner);
    return [database, shipWith(database, options, inner, shipment)];
  });
}

/** @param database settles when Grype may read it */
async function shipWith(
  database: Promise<unknown>,
  options: ShipOptions,
  services: Services,
  shipment: Shipment,
): Promise<void> {
  const { destination, policy } = options;
  const [target, before] = await together<[Target, TagsBefore, unknown, unknown]>(services.signal, (signal) => {
    const inner = { ...services, signal };
    return [
      build(options.build, (beside) => readyToBuild(options, beside, shipment), inner),
      destination ? preflight(destination.registry, destination.tags, inner) : Promise.resolve(new Map()),
      Promise.all((['syft', ...(destination?.signingTools ?? [])] as const).map((name) => services.tools.get(name))),
      destination?.signing ?? Promise.resolve(),
    ];
  }).catch(async (error: unknown) => {
    // The build may have ended before the registry said no: an image that no output names would be in the way of the next.
    await rm(options.build.layout, { recursive: true, force: true });
    throw error;
  });
  shipment.target = target;
  if (destination?.immutableTags) assertMayMove(before, target.image.root.digest, destination.registry);
  const [blobs] = await together(services.signal, (signal) => {
    const inner = { ...services, signal };
    // Syft first: both would take their time from each other's start, and Syft's is longer.
    const { promise: cataloguing, resolve: onCataloguing } = Promise.withResolvers<void>();
    const looked = policy.contents
      ? cataloguing.then(() => contents(target, policy.contents, inner))
      : Promise.resolve([]);
    const assessed = assess(target, { ...options, onCataloguing }, inner, shipment, { database, looked });
    // Where it ended before, the other is stopped by its signal.
    assessed.finally(onCataloguing).catch(() => {});
    return [
      destination
        ? looked.then((found) => {
            const clean = mayLeave(
              policy.contents,
              found.map((one) => one.contents),
              services.clock(),
            );
            return clean ? pushBlobs(target, destination.registry, inner) : undefined;
          })
        : Promise.resolve(undefined),
      assessed,
      looked,
      destination ? noteLive(target, destination.registry, before, inner, shipment) : Promise.resolve(),
    ];
  });
  if (!destination) return;
  if (!blobs) throw new TidegateError('gate', 'A secret was found in the layers, and nothing was sent.');
  const signing = await (await destination.signing)?.(services);
  if (signing) shipment.signed = await sign(target, signing, services);
  const trust = signing?.trust ?? destination.trust;
  const judged = await judge(target, policy, trust, services, destination.registry);
  shipment.verdict = judged.verdict;
  assertOpen(judged.verdict);
  const { tags, registry } = destination;
  shipment.pushed = await publish(target, registry, blobs, { tags, before, trust }, services);
}

/** An engine, and sources that are clean: nothing is built before both are there. */
async function readyToBuild(options: ShipOptions, services: Services, shipment: Shipment): Promise<Builder> {
  const { lint } = options;
  const [builder] = await together<[Builder, unknown]>(services.signal, (signal) => {
    const beside = { ...services, signal };
    const clean = async () => {
      if (!lint) return;
      shipment.lint = await lint.report;
      assertClean(shipment.lint.findings, lint.failOn);
    };
    return [options.builder(beside), clean()];
  });
  return builder;
}

async function noteLive(
  target: Target,
  registry: Registry,
  before: TagsBefore,
  services: Services,
  shipment: Shipment,
): Promise<void> {
  const live = await readLive(target, registry, before, services);
  if (live) shipment.live = live;
}

/** SBOM, scan and the first judgement. */
async function assess(
  target: Target,
  options: ShipOptions,
  services: Services,
  shipment: Shipment,
  beside: { readonly database: Promise<unknown>; readonly looked: Promise<readonly PlatformContents[]> },
): Promise<void> {
  const { policy } = options;
  const { sboms, scans } = await examine(target, beside.database, options, services);
  shipment.sboms = sboms;
  shipment.scans = scans;
  shipment.contents = await beside.looked;
  const first = beforeSigning(policy);
  const judged = await judge(target, first, TRUST_NOBODY, services, options.destination?.registry);
  shipment.verdict = judged.verdict;
  assertOpen(judged.verdict);
  await recordVerdict(target, options.policyDigest, judged, options.verifier);
}
