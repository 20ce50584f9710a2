import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { deferred, formatExactPlatform, mapLimited, mayLeave, messageOf, TidegateError } from '@tidegate/core';
import { UnpackedLayers } from '@tidegate/oci';
import {
  announceBaseline,
  type Baseline,
  nothing,
  ofEarlierRuns,
  ofSameRef,
  readBaseline,
  underPolicy,
} from './baseline/baseline.ts';
import { keepBaseline } from './baseline/kept.ts';
import type { Database } from './database/database.ts';
import { findProven, type Proven } from './evidence/proven.ts';
import { TRUST_NONE } from './evidence/store.ts';
import { forgetProven, useProven, withoutProven } from './evidence/use-proven.ts';
import { assertPassed, type Judged, judgeBeforeSigning, recordVerdict } from './policy/gate.ts';
import type { Examination } from './push/push.ts';
import { explained } from './rescan/earlier.ts';
import { contents } from './sbom/contents.ts';
import { addDockerAttestations } from './sbom/docker-attestations.ts';
import { type ExamineOptions, examine } from './scan/examine.ts';
import { scanUncataloged } from './scan/uncataloged.ts';
import type { Services } from './services.ts';
import type { Destination, ShipOptions, ShipProgress } from './ship-options.ts';
import type { Target } from './target.ts';

/** Shared by the parts of an examination. */
interface Examining {
  readonly target: Target;
  readonly options: ShipOptions;
  readonly services: Services;
  readonly shipment: ShipProgress;
  readonly database: Promise<Database>;
  readonly live: Promise<Baseline> | undefined;
}

/**
 * Read layers, catalog and scan packages, and evaluate the gate for the first time. For an image that this signer has
 * published before, SBOM and the verdict on the layers are taken from there, as long as the gate passes: a failure is
 * never based on evidence that was not made anew.
 */
export function examination(
  target: Target,
  options: ShipOptions,
  services: Services,
  shipment: ShipProgress,
  database: Promise<Database>,
): Examination {
  shipment.target = target;
  const { destination, policy } = options;
  const live = policy.alreadyLive === 'report' ? baselineOf(destination, services) : undefined;
  live?.catch(() => {});
  const examining = { target, options, services, shipment, database, live };
  const { promise: sendable, resolve: onSendable, reject: onFailure } = deferred<boolean>();
  let isReading = false;
  const anew = async (): Promise<void> => {
    const { mayLeave: may, done } = examineAnew(examining);
    isReading = true;
    may.then(onSendable, onFailure);
    await done;
  };
  const done = async (): Promise<void> => {
    const proven = await provenOf(target, options, services).catch(unusable(services));
    if (!proven) return anew();
    // The registry has these very layers already.
    onSendable(true);
    if (await assessProven(examining, proven).catch(unusable(services))) return;
    services.log.info(
      'The gate does not pass with the published evidence, so the image is cataloged and its layers are read.',
    );
    forgetProven(target, proven);
    return anew();
  };
  const all = done();
  // Layers that are being read settle it themselves: nothing may write into the layout after the end of the run.
  all.catch((error) => {
    if (!isReading) onFailure(error);
  });
  return { mayLeave: sendable, done: all };
}

/** Published evidence that cannot be read or scanned is no reason to fail. */
function unusable({ log, signal }: Services): (error: unknown) => undefined {
  return (error) => {
    if (signal.aborted || !(error instanceof TidegateError)) throw error;
    log.debug(`Published evidence is not used instead of new: ${messageOf(error)}`);
  };
}

function examineAnew(examining: Examining): Examination {
  const { target, options, services } = examining;
  const { policy } = options;
  // Start Syft first: concurrent starts would slow each other down, and Syft takes longer.
  const { promise: cataloging, resolve: onCataloging } = deferred<void>();
  // Without a check of the contents, Syft alone reads the layers.
  const unpacked = policy.contents ? new UnpackedLayers(join(services.temp, `layers-${randomUUID()}`)) : undefined;
  const looked = policy.contents
    ? cataloging.then(() => contents(target, policy.contents, services, unpacked))
    : Promise.resolve([]);
  const done = assess(examining, { onCataloging, unpacked }, looked);
  // If it ends early, its signal stops the reading of layers.
  done.finally(onCataloging).catch(() => {});
  const mayBeSent = looked.then((found) =>
    mayLeave(
      policy.contents,
      found.map((one) => one.contents),
      services.clock(),
    ),
  );
  const settled = Promise.allSettled([done, looked]).then(() => unpacked?.dispose());
  return { mayLeave: mayBeSent, done: done.finally(() => settled) };
}

/** Read the baseline of all destinations from evidence that the signer of this run has signed before. */
async function baselineOf(destination: Destination | undefined, services: Services): Promise<Baseline> {
  if (!destination) return nothing('This run publishes nothing.');
  const signing = await (await destination.signing)?.(services);
  if (!signing) return nothing('This run signs nothing.');
  const { registries, tags } = destination;
  const { signer, trust } = signing;
  return readBaseline({ registries, tags, trust: ofEarlierRuns(trust), signer: signer.identity }, services);
}

/** With several destinations, each has verdicts of its own, and nothing is reused. */
async function provenOf(
  { image }: Target,
  { destination, dockerAttestations, name, policy, policyDigest }: ShipOptions,
  services: Services,
): Promise<Proven | undefined> {
  // Attestations for Docker are in the index, whose digest is not known yet.
  if (!destination?.reuseEvidence || dockerAttestations) return undefined;
  const [registry, ...others] = destination.registries;
  if (others.length > 0 || !(await registry.exists(image.root, { signal: services.signal }))) return undefined;
  const signing = await (await destination.signing)?.(services);
  if (!signing) return undefined;
  // Not other tags: a ruleset may protect v* and leave the rest to everyone.
  return findProven(image, { registry, trust: ofSameRef(signing.trust), policy, policyDigest, name }, services);
}

/** SBOM, scan and the first evaluation of the gate. */
async function assess(
  examining: Examining,
  cataloging: Pick<ExamineOptions, 'onCataloging' | 'unpacked'>,
  looked: ReturnType<typeof contents>,
): Promise<void> {
  const { target, options, services, shipment, database } = examining;
  const { policy } = options;
  const { sboms, scans } = await examine(target, database, { ...options, ...cataloging }, services);
  shipment.sboms = sboms;
  shipment.scans = scans;
  const found = await looked;
  shipment.contents = found;
  const scanning = { policy, reportDir: options.reportDir, database: await database };
  shipment.scans = await scanUncataloged(target, found, scans, scanning, services);
  if (options.dockerAttestations) await addDockerAttestations(target, services);
  await compare(examining);
  const judged = await judgeBeforeSigning(target, policy, TRUST_NONE, services, options.destination?.registries);
  shipment.verdict = judged.verdict;
  assertPassed(judged.verdict);
  await record(examining, judged, []);
}

/** The same with published SBOMs. @returns whether the gate passed */
async function assessProven(examining: Examining, proven: Proven): Promise<boolean> {
  const { target, options, services, shipment, database } = examining;
  const { policy } = options;
  const scanning = { ...options, policy, database: await database };
  const done = await mapLimited(
    target.image.platforms,
    1,
    (one, signal) => useProven(target, one, proven, scanning, { ...services, signal }),
    services.signal,
  );
  await compare(examining);
  const { evidence, verdict } = await judgeBeforeSigning(
    target,
    withoutProven(policy),
    TRUST_NONE,
    services,
    options.destination?.registries,
  );
  if (!verdict.passed) return false;
  const omitted = [...(policy.contents ? ['contents'] : []), 'sbom'];
  const rules = explained(verdict.rules, policy, target.image, { missing: [] }, omitted);
  const judged = { evidence, verdict: { ...verdict, rules } };
  shipment.sboms = done.map(({ sbom }) => sbom);
  shipment.scans = done.map(({ scan }) => scan);
  shipment.contents = [];
  shipment.verdict = judged.verdict;
  await record(examining, judged, omitted);
  shipment.proven = proven;
  const names = target.image.platforms.map(({ platform }) => formatExactPlatform(platform)).join(', ');
  services.log.info(
    `${names}: SBOMs and the verdict on the layers of ${proven.judgedOn.toISOString()} are used again. Only the scan is new.`,
  );
  return true;
}

async function compare({ target, options, services, live }: Examining): Promise<void> {
  if (!live) return;
  const found = underPolicy(await live, { digest: options.policyDigest, sources: options.sources });
  announceBaseline(found, services.log);
  await keepBaseline(target, found);
}

function record({ target, options }: Examining, judged: Judged, notJudged: readonly string[]): Promise<void> {
  const { policyDigest, verifier, destination } = options;
  return recordVerdict(target, judged, {
    policyDigest,
    verifier,
    notJudged,
    destinations: destination?.registries ?? [],
  });
}
