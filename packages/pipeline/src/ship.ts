import { rm } from 'node:fs/promises';
import type { Trust, VerdictOptions } from '@tidegate/attest';
import { type Digest, deferred, mayLeave, type SourcePolicy, together, type Verdict } from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import type { ToolName } from '@tidegate/tools';
import {
  announceBaseline,
  type Baseline,
  keepBaseline,
  nothing,
  ofEarlierRuns,
  readBaseline,
  underPolicy,
} from './baseline/baseline.ts';
import { type LiveImage, readBase, readLive } from './baseline/live.ts';
import { build } from './build/build.ts';
import { builderForCleanSources, type SourceCheck } from './build/clean-sources.ts';
import type { Builder } from './build/engine.ts';
import type { BuildOptions } from './build/options.ts';
import { type Database, type DatabaseOptions, updateDatabase } from './database/database.ts';
import { TRUST_NONE } from './evidence/store.ts';
import type { LintReport } from './lint/lint-source.ts';
import { assertDestinationAllowed, assertPassed, beforeSigning, judge, recordVerdict } from './policy/gate.ts';
import type { TagsBefore } from './push/preflight.ts';
import type { PushReport } from './push/publish.ts';
import { type Examination, type PushDestination, type PushStages, push } from './push/push.ts';
import { contents, type PlatformContents } from './sbom/contents.ts';
import type { PlatformSbom } from './sbom/sbom.ts';
import { type ExamineOptions, examine } from './scan/examine.ts';
import type { PlatformScan } from './scan/scan.ts';
import { scanUncatalogued } from './scan/uncatalogued.ts';
import type { Services } from './services.ts';
import { type SignOptions, type SignResult, sign } from './sign/sign.ts';
import type { Target } from './target.ts';

/** Destination of an image that passes the gate, and how it is signed. */
export interface Destination extends PushDestination {
  /**
   * Starts when `ship` starts: an unusable key stops the build. The certificate is requested only when there is
   * something to sign: an identity token lives for minutes, a build takes longer.
   */
  readonly signing?: Promise<(services: Services) => Promise<SignOptions>> | undefined;
  /** Programs that signing needs. They are downloaded together with the other tools. */
  readonly signingTools: readonly ToolName[];
  /** Required signers when `signing` creates no signature. */
  readonly trust: Trust;
}

export interface ShipOptions extends ExamineOptions {
  readonly database: DatabaseOptions;
  readonly build: BuildOptions;
  /** Absent: source rules are not applied. */
  readonly lint?: SourceCheck | undefined;
  readonly builder: (services: Services) => Promise<Builder>;
  /** Digest of the policy document, which the verdict names. */
  readonly policyDigest: Digest;
  readonly sources: SourcePolicy;
  /** Verifier in the verdict: the workflow's URI on a runner. */
  readonly verifier: VerdictOptions['verifier'];
  /** Undefined: build, catalog, scan and evaluate the gate, but publish nothing (a pull request). */
  readonly destination?: Destination | undefined;
  /** Without a destination: the registry and tags of the image to compare with, the most wanted first. */
  readonly comparedWith?: { readonly registry: Registry; readonly tags: readonly string[] } | undefined;
}

/** Progress so far. Filled in step by step, so that a failure can still be reported in full. */
export interface ShipProgress {
  lint?: LintReport;
  target?: Target;
  sboms?: readonly PlatformSbom[];
  scans?: readonly PlatformScan[];
  contents?: readonly PlatformContents[] | undefined;
  verdict?: Verdict;
  /** The tag that was live before, to compare this image with. */
  live?: LiveImage;
  signed?: SignResult;
  pushed?: PushReport;
}

/**
 * Run all stages in order. Stages overlap where that is safe: tools are downloaded while BuildKit builds, the database
 * until Grype needs it, and blobs are uploaded while the SBOM and the scan run, but only after the layers have been
 * read and contain no secret: an upload cannot be taken back. No manifest is pushed before the gate has passed, no tag
 * before everything has been read back. A failed gate stops the upload.
 * @param shipment filled in as stages end
 */
export async function ship(options: ShipOptions, services: Services, shipment: ShipProgress): Promise<void> {
  await together(services.signal, (signal) => {
    const inner = { ...services, signal };
    // Only after the allowed destinations are known.
    if (options.destination) assertDestinationAllowed(options.policy, options.destination.registry);
    const database = updateDatabase(options.database, inner);
    return [database, shipWith(database, options, inner, shipment)];
  });
}

async function shipWith(
  database: Promise<Database>,
  options: ShipOptions,
  services: Services,
  shipment: ShipProgress,
): Promise<void> {
  const { destination, policy } = options;
  const examine = (target: Target, inner: Services) => examination(target, options, inner, shipment, database);
  try {
    if (!destination) {
      const target = await buildWithTools(options, services, shipment);
      await together(services.signal, (signal) => {
        const inner = { ...services, signal };
        const { mayLeave, done } = examine(target, inner);
        return [mayLeave, done, noteBase(target, options, inner, shipment)];
      });
      return;
    }
    const { registry } = destination;
    const stages: PushStages = {
      image: (inner) => buildWithTools(options, inner, shipment),
      examine: (target, before, inner) => {
        const { mayLeave, done } = examine(target, inner);
        return { mayLeave, done: Promise.all([done, noteLive(target, registry, before, inner, shipment)]) };
      },
      judge: async (target) => {
        const signing = await (await destination.signing)?.(services);
        if (signing) shipment.signed = await sign(target, signing, services);
        const trust = signing?.trust ?? destination.trust;
        const judged = await judge(target, policy, trust, services, registry);
        shipment.verdict = judged.verdict;
        return { ...judged, trust };
      },
    };
    shipment.pushed = await push(destination, policy, stages, services);
  } catch (error) {
    // The build may have finished before the registry rejected the push: a layout that is not an output would block the
    // next build.
    if (!shipment.target) await rm(options.build.layout, { recursive: true, force: true });
    throw error;
  }
}

/** Build the image while the tools of the next stages are downloaded and the key is read. */
async function buildWithTools(options: ShipOptions, services: Services, shipment: ShipProgress): Promise<Target> {
  const { destination } = options;
  const [target] = await together<[Target, unknown, unknown]>(services.signal, (signal) => {
    const inner = { ...services, signal };
    return [
      build(
        options.build,
        (beside) =>
          builderForCleanSources(options.lint, options.builder, beside, (report) => {
            shipment.lint = report;
          }),
        inner,
      ),
      Promise.all((['syft', ...(destination?.signingTools ?? [])] as const).map((name) => services.tools.get(name))),
      destination?.signing ?? Promise.resolve(),
    ];
  });
  return target;
}

/** Read layers, catalogue and scan packages, and evaluate the gate for the first time. */
function examination(
  target: Target,
  options: ShipOptions,
  services: Services,
  shipment: ShipProgress,
  database: Promise<Database>,
): Examination {
  const { policy } = options;
  shipment.target = target;
  // Start Syft first: concurrent starts would slow each other down, and Syft takes longer.
  const { promise: cataloguing, resolve: onCataloguing } = deferred<void>();
  const looked = policy.contents
    ? cataloguing.then(() => contents(target, policy.contents, services))
    : Promise.resolve([]);
  const live = policy.alreadyLive === 'report' ? baselineOf(options.destination, services) : undefined;
  live?.catch(() => {});
  const done = assess(target, { ...options, onCataloguing }, services, shipment, { database, looked, live });
  // If it ends early, its signal stops the reading of layers.
  done.finally(onCataloguing).catch(() => {});
  const mayBeSent = looked.then((found) =>
    mayLeave(
      policy.contents,
      found.map((one) => one.contents),
      services.clock(),
    ),
  );
  return { mayLeave: mayBeSent, done };
}

/** Read the baseline from evidence that the signer of this run has signed before. */
async function baselineOf(destination: Destination | undefined, services: Services): Promise<Baseline> {
  if (!destination) return nothing('This run publishes nothing.');
  const signing = await (await destination.signing)?.(services);
  if (!signing) return nothing('This run signs nothing.');
  const { registry, tags } = destination;
  const { signer, trust } = signing;
  return readBaseline({ registry, tags, trust: ofEarlierRuns(trust), signer: signer.identity }, services);
}

async function noteLive(
  target: Target,
  registry: Registry,
  before: TagsBefore,
  services: Services,
  shipment: ShipProgress,
): Promise<void> {
  const live = await readLive(target, registry, before, services);
  if (live) shipment.live = live;
}

async function noteBase(
  target: Target,
  { comparedWith }: ShipOptions,
  services: Services,
  shipment: ShipProgress,
): Promise<void> {
  if (!comparedWith) return;
  const live = await readBase(target, comparedWith.registry, comparedWith.tags, services);
  if (live) shipment.live = live;
}

/** Work that runs while packages are catalogued and scanned. */
interface ReferrerBundle {
  readonly database: Promise<Database>;
  readonly looked: Promise<readonly PlatformContents[]>;
  readonly live: Promise<Baseline> | undefined;
}

/** SBOM, scan and the first evaluation of the gate. */
async function assess(
  target: Target,
  options: ShipOptions,
  services: Services,
  shipment: ShipProgress,
  beside: ReferrerBundle,
): Promise<void> {
  const { policy } = options;
  const { sboms, scans } = await examine(target, beside.database, options, services);
  shipment.sboms = sboms;
  shipment.scans = scans;
  const found = await beside.looked;
  shipment.contents = found;
  const scanning = { policy, reportDir: options.reportDir, database: await beside.database };
  shipment.scans = await scanUncatalogued(target, found, scans, scanning, services);
  if (beside.live) {
    const live = underPolicy(await beside.live, { digest: options.policyDigest, sources: options.sources });
    announceBaseline(live, services.log);
    await keepBaseline(target, live);
  }
  const first = beforeSigning(policy);
  const judged = await judge(target, first, TRUST_NONE, services, options.destination?.registry);
  shipment.verdict = judged.verdict;
  assertPassed(judged.verdict);
  await recordVerdict(target, judged, {
    ...{ policyDigest: options.policyDigest, verifier: options.verifier },
    destination: options.destination?.registry,
  });
}
