import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cyclonedxStatement, readSyft, spdxStatement } from '@tidegate/attest';
import { type Digest, formatExactPlatform, type PlatformImage, TidegateError } from '@tidegate/core';
import { platformView } from '@tidegate/oci';
import { attachStatement, attachSyft } from './evidence-store.ts';
import { BATCH_GO } from './go-runtime.ts';
import type { Services } from './services.ts';
import { platformSlug, type Target } from './target.ts';

export interface SbomOptions {
  /** Folder for the SBOM files; made when missing. */
  readonly outputDir: string;
  /** The blobs were written by this process a moment ago: not hashed again before Syft reads them. */
  readonly fresh?: boolean;
  /** What the documents call the image. */
  readonly name: string;
}

/** The SBOMs of one platform: files on disk, the same bytes in the layout. */
export interface PlatformSbom {
  readonly platform: string;
  readonly syft: { readonly path: string; readonly digest: Digest };
  readonly spdx: string;
  readonly cyclonedx: string;
  readonly packages: number;
}

/** Half an hour: Syft takes seconds, and a few minutes on an image of tens of gigabytes. */
const TIMEOUT = 30 * 60_000;

/** What Syft left: the document that the scan reads is in the layout already, the published two are not yet. */
export interface Catalogued {
  readonly sbom: PlatformSbom;
  readonly spdx: Uint8Array;
  readonly cyclonedx: Uint8Array;
}

/** Catalogue every platform, one Syft each, one after the other: each uses all cores. */
export async function sbom(target: Target, options: SbomOptions, services: Services): Promise<readonly PlatformSbom[]> {
  const results: PlatformSbom[] = [];
  for (const one of target.image.platforms) {
    const catalogued = await catalogue(target, one, options, services);
    await keepPublished(target, one, catalogued);
    results.push(catalogued.sbom);
  }
  return results;
}

/** Keep SPDX and CycloneDX as statements about the platform's manifest. May run while the scan does. */
export async function keepPublished(target: Target, one: PlatformImage, catalogued: Catalogued): Promise<void> {
  const { descriptor } = one;
  const { cyclonedx, spdx } = catalogued;
  await Promise.all([
    attachStatement(target, descriptor, spdxStatement([{ digest: descriptor.digest }], spdx)),
    attachStatement(target, descriptor, cyclonedxStatement([{ digest: descriptor.digest }], cyclonedx)),
  ]);
}

/** One cataloguing gives all three documents: what is scanned is what is published. */
export async function catalogue(
  target: Target,
  one: PlatformImage,
  options: SbomOptions,
  services: Services,
): Promise<Catalogued> {
  const platform = formatExactPlatform(one.platform);
  const digest = one.descriptor.digest;
  const syft = await services.tools.get('syft');
  const work = await mkdtemp(join(services.temp, 'syft-'));
  await mkdir(options.outputDir, { recursive: true });
  const file = (kind: string) => join(options.outputDir, `sbom.${platformSlug(one)}.${kind}.json`);
  const paths = { syft: file('syft'), spdx: file('spdx'), cyclonedx: file('cyclonedx') };
  // A document of an earlier run must not be taken for this one's.
  await Promise.all(Object.values(paths).map((path) => rm(path, { force: true })));
  try {
    const view = join(work, 'view');
    await platformView(target.layout, one.descriptor, view, { verify: !options.fresh });
    await services.log.group(`Syft: ${platform}`, (log) =>
      services.run(
        syft.path,
        [
          ...['scan', 'oci-dir:.', '--source-name', options.name, '--source-version', digest, '--quiet'],
          ...['-o', `syft-json=${paths.syft}`],
          ...['-o', `spdx-json@2.3=${paths.spdx}`],
          ...['-o', `cyclonedx-json@1.6=${paths.cyclonedx}`],
        ],
        {
          // Relative to the view, so that no path of this machine gets into a document.
          cwd: view,
          env: {
            ...services.childEnv,
            HOME: work,
            XDG_CACHE_HOME: join(work, 'cache'),
            SYFT_CHECK_FOR_APP_UPDATE: 'false',
            ...BATCH_GO,
            // Grype needs the symbols to leave out Go advisories about code that is not linked in.
            SYFT_GOLANG_CAPTURE_SYMBOLS: 'all',
          },
          timeout: TIMEOUT,
          signal: services.signal,
          onLine: (line) => log.info(line),
        },
      ),
    );
    const [syftBytes, spdx, cyclonedx] = await Promise.all([
      document(paths.syft, 'syft-json'),
      document(paths.spdx, 'SPDX'),
      document(paths.cyclonedx, 'CycloneDX'),
    ]);
    const evidence = readSyft(syftBytes, digest);
    await attachSyft(target, one.descriptor, syftBytes, evidence);
    services.log.info(
      `${platform}: ${evidence.packages} packages${evidence.distribution ? ` on ${evidence.distribution}` : ''}.`,
    );
    const sbom = {
      platform,
      syft: { path: paths.syft, digest: evidence.document },
      spdx: paths.spdx,
      cyclonedx: paths.cyclonedx,
      packages: evidence.packages,
    };
    return { sbom, spdx, cyclonedx };
  } catch (error) {
    await Promise.all(Object.values(paths).map((path) => rm(path, { force: true })));
    throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Exit 0 is not enough: the document must be there. What it holds is checked where it becomes evidence. */
async function document(path: string, what: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes && bytes.length > 0) return bytes;
  throw new TidegateError('tool', `Syft ended well and left no ${what} document: the image counts as not catalogued.`, {
    next: 'Run again; if it stays, report it with the version of Syft.',
  });
}
