import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeStatement, readSyftDocument } from '@tidegate/attest';
import {
  type Digest,
  digestOf,
  formatPlatform,
  type PlatformImage,
  PredicateType,
  TidegateError,
} from '@tidegate/core';
import { platformView } from '@tidegate/oci';
import { attachStatement, attachSyft } from './evidence-store.ts';
import type { Services } from './services.ts';
import { platformSlug, type Target } from './target.ts';

export interface SbomOptions {
  /** Folder for the SBOM files; made when missing. */
  readonly outputDir: string;
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

/** Catalogue every platform, one Syft each, two at a time. */
export async function sbom(target: Target, options: SbomOptions, services: Services): Promise<readonly PlatformSbom[]> {
  await mkdir(options.outputDir, { recursive: true });
  const results: PlatformSbom[] = [];
  for (const one of target.image.platforms) results.push(await sbomOf(target, one, options, services));
  return results;
}

/** One cataloguing gives all three documents: what is scanned is what is published. */
export async function sbomOf(
  target: Target,
  one: PlatformImage,
  options: SbomOptions,
  services: Services,
): Promise<PlatformSbom> {
  const platform = formatPlatform(one.platform);
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
    await platformView(target.layout, one.descriptor, view);
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
    const evidence = readSyftDocument(syftBytes, digest);
    await attachSyft(target.layout, one.descriptor, syftBytes);
    for (const [type, text] of [
      [PredicateType.spdx, spdx],
      [PredicateType.cyclonedx, cyclonedx],
    ] as const) {
      const predicate: unknown = JSON.parse(new TextDecoder().decode(text));
      await attachStatement(target.layout, one.descriptor, makeStatement(type, [{ digest }], predicate));
    }
    services.log.info(
      `${platform}: ${evidence.packages} packages${evidence.distribution ? ` on ${evidence.distribution}` : ''}.`,
    );
    return {
      platform,
      syft: { path: paths.syft, digest: digestOf(syftBytes) },
      spdx: paths.spdx,
      cyclonedx: paths.cyclonedx,
      packages: evidence.packages,
    };
  } catch (error) {
    await Promise.all(Object.values(paths).map((path) => rm(path, { force: true })));
    throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Exit 0 is not enough: the document must be there and be a JSON object with something in it. */
async function document(path: string, what: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch(() => undefined);
  const refuse = (why: string, cause?: unknown) =>
    new TidegateError('tool', `Syft ended well, but its ${what} document ${why}.`, {
      next: 'Run again with debug logging; if it stays, report it with the version of Syft.',
      cause,
    });
  if (!bytes || bytes.length === 0) throw refuse('is missing or empty');
  try {
    const parsed: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new TypeError('not an object');
  } catch (cause) {
    throw refuse('is no JSON object', cause);
  }
  return bytes;
}
