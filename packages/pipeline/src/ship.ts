import { rm } from 'node:fs/promises';
import { together } from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import { readBase, readLive } from './baseline/live.ts';
import { build } from './build/build.ts';
import { builderForCleanSources } from './build/clean-sources.ts';
import { bundleBeside } from './build/outputs.ts';
import { type Database, updateDatabase } from './database/database.ts';
import { type OwnEvidence, readOwnAt } from './evidence/own-evidence.ts';
import { removeSuperseded } from './evidence/remove-superseded.ts';
import { reuseOwn } from './evidence/reuse-published.ts';
import { withoutProven } from './evidence/use-proven.ts';
import { examination } from './examination.ts';
import { assertDestinationAllowed, judge } from './policy/gate.ts';
import type { TagsBefore } from './push/preflight.ts';
import { type PushStages, push } from './push/push.ts';
import type { Services } from './services.ts';
import type { ShipOptions, ShipProgress } from './ship-options.ts';
import { sign } from './sign/sign.ts';
import type { Target } from './target.ts';

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
    for (const registry of options.destination?.registries ?? []) assertDestinationAllowed(options.policy, registry);
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
    const { registries } = destination;
    const [reference] = registries;
    let own: readonly OwnEvidence[] = [];
    const stages: PushStages = {
      image: (inner) => buildWithTools(options, inner, shipment),
      examine: (target, before, inner) => {
        const { mayLeave, done } = examine(target, inner);
        return { mayLeave, done: Promise.all([done, noteLive(target, reference, before, inner, shipment)]) };
      },
      judge: async (target) => {
        const signing = await (await destination.signing)?.(services);
        if (signing) {
          const bundleOfOutput = (name: string) => bundleBeside(shipment.exported ?? [], name);
          const onStatements = async () => {
            const { proven } = shipment;
            own = await readOwnAt(registries, target.image, signing.trust, services, proven?.memory);
            await reuseOwn(target, own, registries, { policy, proven }, services);
          };
          shipment.signed = await sign(target, { ...signing, onStatements, bundleOfOutput }, services);
        }
        const trust = signing?.trust ?? destination.trust;
        const asked = shipment.proven ? withoutProven(policy) : policy;
        const judged = await judge(target, asked, trust, services, registries);
        shipment.verdict = judged.verdict;
        return { ...judged, trust };
      },
    };
    shipment.pushed = await push(destination, policy, stages, services);
    for (const { registry, facts } of own) {
      const keeping = { facts, keep: destination.keepScans ?? 0 };
      if (shipment.target) await removeSuperseded(shipment.target, registry, keeping, services);
    }
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
  const [built] = await together<[Awaited<ReturnType<typeof build>>, unknown, unknown]>(services.signal, (signal) => {
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
  const { rebuilt, steps, exported, ...target } = built;
  shipment.steps = steps;
  shipment.exported = exported;
  if (rebuilt) shipment.rebuilt = rebuilt;
  return target;
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
  const live = await readBase(target, comparedWith, services);
  if (live) shipment.live = live;
}
