import type { Policy } from '@tidegate/core';
import { deferred, mapLimited, together } from '@tidegate/core';
import type { UnpackedLayers } from '@tidegate/oci';
import type { Database } from '../database/database.ts';
import { catalog, keepSbom, type PlatformSbom } from '../sbom/sbom.ts';
import type { Services } from '../services.ts';
import type { Target } from '../target.ts';
import { type PlatformScan, scanOf } from './scan.ts';

export interface ExamineOptions {
  /** Name of the image in SBOMs. */
  readonly name: string;
  readonly sbomDir: string;
  readonly reportDir: string;
  readonly policy: Policy;
  /** Layers that others read, too. */
  readonly unpacked?: UnpackedLayers | undefined;
  /** Called when the first Syft runs. */
  readonly onCataloging?: () => void;
}

export interface Examined {
  readonly sboms: readonly PlatformSbom[];
  readonly scans: readonly PlatformScan[];
}

/** Number of platforms that are cataloged and scanned concurrently: Syft and Grype use more than one core each. */
const PLATFORMS_AT_ONCE = 2;

/**
 * Create SBOM and scan of an image that this process has just built. The second platform is cataloged while the first
 * is scanned. Grype starts with Syft's output before this process has validated it: both read it concurrently, and an
 * invalid document ends the scan.
 * @param database only Grype waits for it
 */
export async function examine(
  target: Target,
  database: Promise<Database>,
  options: ExamineOptions,
  services: Services,
): Promise<Examined> {
  const { policy, reportDir } = options;
  const { onCataloging, unpacked } = options;
  const beginning = onCataloging ? { onRunning: onCataloging } : {};
  const sbomOptions = { outputDir: options.sbomDir, name: options.name, fresh: true, unpacked, ...beginning };
  const isThere = settled(database);
  const done = await mapLimited(
    target.image.platforms,
    PLATFORMS_AT_ONCE,
    async (one, signal) => {
      const cataloged = await catalog(target, one, sbomOptions, { ...services, signal });
      const [sbom, scan] = await together<[PlatformSbom, PlatformScan]>(signal, (inner) => {
        const { promise: running, resolve: onRunning } = deferred<void>();
        const { promise: whenRead, resolve: onRead } = deferred<void>();
        const scanOptions = { policy, reportDir, document: cataloged.syft, onRunning, whenRead };
        const scanning = database.then((found) =>
          scanOf(target, one, { ...scanOptions, database: found }, { ...services, signal: inner }),
        );
        const turn = isThere() ? Promise.race([running, scanning]) : Promise.resolve();
        const keeping = turn.then(() => keepSbom(target, one, cataloged, services));
        // An invalid document fails the scan by itself.
        keeping.finally(onRead).catch(() => undefined);
        return [keeping, scanning];
      });
      return { sbom, scan };
    },
    services.signal,
  );
  return { sboms: done.map((one) => one.sbom), scans: done.map((one) => one.scan) };
}

/** Returns a function that reports whether the promise has settled. */
function settled(work: Promise<unknown>): () => boolean {
  let is = false;
  const settle = () => {
    is = true;
  };
  work.then(settle, settle);
  return () => is;
}
