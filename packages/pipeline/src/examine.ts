import type { Policy } from '@tidegate/core';
import type { DatabaseOptions } from './database.ts';
import { catalogue, keepPublished, type PlatformSbom } from './sbom.ts';
import { type PlatformScan, scanOf } from './scan.ts';
import type { Services } from './services.ts';
import type { Target } from './target.ts';
import { mapLimited, together } from './together.ts';

export interface ExamineOptions {
  /** What SBOMs call the image. */
  readonly name: string;
  readonly sbomDir: string;
  readonly reportDir: string;
  readonly policy: Policy;
  readonly database: DatabaseOptions;
}

export interface Examined {
  readonly sboms: readonly PlatformSbom[];
  readonly scans: readonly PlatformScan[];
}

/** Platforms that are catalogued and scanned at once: Syft and Grype use more than one core each. */
const PLATFORMS_AT_ONCE = 2;

/**
 * SBOM and scan of an image that this process has just built. The second platform is catalogued while the first is
 * scanned, and the documents that are published are kept while Grype runs.
 * @param database settles when Grype may read it: nothing else waits for it
 */
export async function examine(
  target: Target,
  database: Promise<unknown>,
  options: ExamineOptions,
  services: Services,
): Promise<Examined> {
  const { policy, reportDir } = options;
  const done = await mapLimited(
    target.image.platforms,
    PLATFORMS_AT_ONCE,
    async (one, signal) => {
      const sbomOptions = { outputDir: options.sbomDir, name: options.name, fresh: true };
      const catalogued = await catalogue(target, one, sbomOptions, { ...services, signal });
      const [scanned] = await together<[PlatformScan, unknown]>(signal, (inner) => {
        const { promise: running, resolve: onRunning } = Promise.withResolvers<void>();
        const scanOptions = { policy, database: options.database, reportDir, onRunning };
        const scanning = database.then(() => scanOf(target, one, scanOptions, { ...services, signal: inner }));
        // Keeping the documents takes this process's time, so Grype is sent off first.
        return [scanning, Promise.race([running, scanning]).then(() => keepPublished(target, one, catalogued))];
      });
      return { sbom: catalogued.sbom, scan: scanned };
    },
    services.signal,
  );
  return { sboms: done.map((one) => one.sbom), scans: done.map((one) => one.scan) };
}
