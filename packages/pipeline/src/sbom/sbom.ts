import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cyclonedxOfImage, MAX_SBOM_BYTES, MAX_SYFT_BYTES, readCatalog, spdxOfImage } from '@tidegate/attest';
import { counted, type Digest, formatExactPlatform, type PlatformImage, type ProgramEvidence } from '@tidegate/core';
import { platformView, type UnpackedLayers } from '@tidegate/oci';
import { makeFolder } from '@tidegate/tools';
import { attachStatement, attachSyft } from '../evidence/store.ts';
import { ANYTHING, type Expected, readAs, readLeft } from '../evidence/tool-document.ts';
import { batchGo } from '../scan/go-runtime.ts';
import type { Services } from '../services.ts';
import { platformSlug, type Target } from '../target.ts';
import { unpackLayers } from './unpack.ts';

export interface SbomOptions {
  /** Folder for the SBOM files; created if missing. */
  readonly outputDir: string;
  /** This process has just written the blobs, so they are not hashed again before Syft reads them. */
  readonly fresh?: boolean;
  /** Name of the image in the documents. */
  readonly name: string;
  /** Layers that others read, too: Syft reads them from here. */
  readonly unpacked?: UnpackedLayers | undefined;
  /** Called when Syft has started: from then on this process is idle and can do other work. */
  readonly onRunning?: () => void;
}

/** The SBOMs of one platform: files on disk, the same bytes in the layout. */
export interface PlatformSbom {
  readonly platform: string;
  /** Absent if the SBOMs were published before: the document of Syft itself is not published. */
  readonly syft?: { readonly path: string; readonly digest: Digest };
  readonly spdx: string;
  readonly cyclonedx: string;
  readonly packages: number;
}

/** Half an hour, in milliseconds. Syft takes seconds, and a few minutes for an image of tens of gigabytes. */
const TIMEOUT = 30 * 60_000;
const left = (what: string): Expected => ({ tool: 'Syft', what, otherwise: 'the image counts as not cataloged' });
const [SYFT, SPDX, CYCLONEDX] = [left('a syft-json document'), left('an SPDX document'), left('a CycloneDX document')];

/** Output of Syft for one platform: files and their bytes, not validated yet. */
export interface Cataloged {
  readonly platform: string;
  readonly paths: { readonly syft: string; readonly spdx: string; readonly cyclonedx: string };
  readonly program: ProgramEvidence;
  readonly syft: Uint8Array;
  readonly spdx: Uint8Array;
  readonly cyclonedx: Uint8Array;
}

/** Catalog all platforms, with one Syft process at a time: each uses all cores. */
export async function sbom(target: Target, options: SbomOptions, services: Services): Promise<readonly PlatformSbom[]> {
  const results: PlatformSbom[] = [];
  for (const one of target.image.platforms) {
    const cataloged = await catalog(target, one, options, services);
    results.push(await keepSbom(target, one, cataloged, services));
  }
  return results;
}

/**
 * Validate the documents and store them: syft-json for the scan, SPDX and CycloneDX as statements about the platform's
 * manifest. It starts immediately and with syft-json, so that a caller that scans the same bytes concurrently learns of
 * an invalid document before the scan fails on it.
 * @param what `scanned` stores only syft-json: if a signed SBOM is already published, another one would be redundant
 */
export async function keepSbom(
  target: Target,
  one: PlatformImage,
  cataloged: Cataloged,
  services: Pick<Services, 'log'>,
  what: 'all' | 'scanned' = 'all',
): Promise<PlatformSbom> {
  const { descriptor } = one;
  const { digest } = descriptor;
  const { paths, platform, syft, spdx, cyclonedx } = cataloged;
  try {
    const { evidence, layers } = readAs(SYFT, () => readCatalog(syft, digest));
    target.evidence.addPackageLayers(digest, layers);
    const statements =
      what === 'scanned'
        ? []
        : [readAs(SPDX, () => spdxOfImage(digest, spdx)), readAs(CYCLONEDX, () => cyclonedxOfImage(digest, cyclonedx))];
    await Promise.all([
      attachSyft(target, descriptor, syft, { ...evidence, program: cataloged.program }),
      ...statements.map((statement) => attachStatement(target, descriptor, statement)),
    ]);
    const { distribution, document, packages } = evidence;
    services.log.info(`${platform}: ${counted(packages, 'package')}${distribution ? ` on ${distribution}` : ''}.`);
    const { cyclonedx: cyclonedxPath, spdx: spdxPath, syft: path } = paths;
    return { platform, syft: { path, digest: document }, spdx: spdxPath, cyclonedx: cyclonedxPath, packages };
  } catch (error) {
    await removeAll(paths);
    throw error;
  }
}

/** One run of Syft creates all three documents: the scanned packages are the published packages. */
export async function catalog(
  target: Target,
  one: PlatformImage,
  options: SbomOptions,
  services: Services,
): Promise<Cataloged> {
  const platform = formatExactPlatform(one.platform);
  const digest = one.descriptor.digest;
  const syft = await services.tools.get('syft');
  const work = await mkdtemp(join(services.temp, 'syft-'));
  await makeFolder(options.outputDir);
  const file = (kind: string) => join(options.outputDir, `sbom.${platformSlug(one)}.${kind}.json`);
  const paths = { syft: file('syft'), spdx: file('spdx'), cyclonedx: file('cyclonedx') };
  // A document of an earlier run must not be mistaken for one of this run.
  await removeAll(paths);
  try {
    const view = join(work, 'view');
    const isUnpacked = options.unpacked && (await unpackLayers(target, one, options.unpacked, services));
    const unpacked = isUnpacked ? options.unpacked : undefined;
    await platformView(target.layout, one.descriptor, view, { verify: !options.fresh, unpacked });
    const context = await services.children.create({
      // Run in the view with relative paths, so that documents contain no path of this machine.
      cwd: view,
      set: {
        SYFT_CHECK_FOR_APP_UPDATE: 'false',
        // Grype needs the symbols to leave out Go advisories about code that is not linked in.
        SYFT_GOLANG_CAPTURE_SYMBOLS: 'all',
        // syft-json repeats its configuration. With the default, which is below HOME, its digest would differ in each run.
        SYFT_GOLANG_LOCAL_MOD_CACHE_DIR: 'none',
        SYFT_JAVA_MAVEN_LOCAL_REPOSITORY_DIR: 'none',
        ...batchGo(),
      },
    });
    await services.log.group(`Syft: ${platform}`, (log) => {
      const running = services.run(
        syft.path,
        [
          ...['scan', 'oci-dir:.', '--source-name', options.name, '--source-version', digest, '--quiet'],
          ...['--config', context.emptyConfig],
          ...['-o', `syft-json=${paths.syft}`],
          ...['-o', `spdx-json@2.3=${paths.spdx}`],
          ...['-o', `cyclonedx-json@1.6=${paths.cyclonedx}`],
        ],
        {
          context,
          timeout: TIMEOUT,
          signal: services.signal,
          onLine: (line) => log.info(line),
        },
      );
      options.onRunning?.();
      return running;
    });
    const [syftBytes, spdx, cyclonedx] = await Promise.all([
      readLeft(paths.syft, SYFT, MAX_SYFT_BYTES),
      readLeft(paths.spdx, SPDX, MAX_SBOM_BYTES),
      readLeft(paths.cyclonedx, CYCLONEDX, MAX_SBOM_BYTES),
    ]);
    return { platform, paths, program: await syft.program, syft: syftBytes, spdx, cyclonedx };
  } catch (error) {
    await removeAll(paths);
    throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function removeAll(paths: Cataloged['paths']): Promise<void> {
  await Promise.all(Object.values(paths).map((path) => rm(path, ANYTHING)));
}
