import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { formatExactPlatform, type PlatformImage } from '@tidegate/core';
import { causesOf, type PlatformSbom, type Target } from '@tidegate/pipeline';
import { attachToRelease, type Job, type ReleaseFile, type SnapshotManifest, submitSnapshot } from '@tidegate/runner';

interface Sboms {
  /** `registry/repository`, or the display name of the image. */
  readonly name: string;
  readonly target: Target;
  readonly sboms: readonly PlatformSbom[];
  readonly token: string;
}

interface Wanted {
  readonly 'dependency-snapshot': boolean;
  readonly 'release-assets': boolean;
}

/** Publish the SBOMs where the user wants them on GitHub. A failed request is a warning. */
export async function publishSboms({ name, target, sboms, token }: Sboms, wanted: Wanted, job: Job): Promise<void> {
  if (wanted['dependency-snapshot']) {
    const manifests = target.image.platforms.map((one) => manifestOf(name, target, one));
    await submitSnapshot(job, token, {
      image: name,
      manifests: await Promise.all(manifests),
      detector: { name: 'Syft', version: catalogerOf(target), url: 'https://github.com/anchore/syft' },
    });
  }
  if (wanted['release-assets']) await attachToRelease(job, token, await filesOf(name, sboms, job));
}

async function manifestOf(name: string, target: Target, one: PlatformImage): Promise<SnapshotManifest> {
  const components = catalogsOf(target).flatMap(({ subject, components: listed = [] }) =>
    subject === one.descriptor.digest ? listed : [],
  );
  const causes = await causesOf(target, one);
  return {
    name: `${name} (${formatExactPlatform(one.platform)})`,
    file: causes?.origin.file ?? 'Dockerfile',
    packages: components.flatMap(({ purl }) => (purl === undefined ? [] : [{ purl }])),
  };
}

/** The SBOMs that list the packages: Syft's own, or published ones that were used again. */
function catalogsOf({ evidence }: Target) {
  const listing = evidence
    .all()
    .filter((one) => one.kind === 'sbom')
    .filter(({ components }) => components !== undefined);
  const own = listing.filter(({ format }) => format === 'syft');
  return listing.filter((one) => one.format === 'syft' || !own.some(({ subject }) => subject === one.subject));
}

function catalogerOf(target: Target): string {
  return catalogsOf(target).find(({ cataloger }) => cataloger)?.cataloger ?? 'unknown';
}

/** `app_v1.2.3_linux-amd64.spdx.json`: the name says what the SBOM describes, also after a download. */
async function filesOf(name: string, sboms: readonly PlatformSbom[], job: Job): Promise<readonly ReleaseFile[]> {
  const plain = (text: string) => text.replaceAll(/[^A-Za-z0-9._-]+/g, '-');
  const version = plain(job.env.GITHUB_REF_NAME ?? '');
  const named = (platform: string, kind: string) =>
    [plain(basename(name)), version, `${plain(platform)}.${kind}.json`].filter((part) => part !== '').join('_');
  const files = sboms.flatMap(({ platform, spdx, cyclonedx }) => [
    { name: named(platform, 'spdx'), path: spdx },
    { name: named(platform, 'cdx'), path: cyclonedx },
  ]);
  return Promise.all(files.map(async (file) => ({ name: file.name, bytes: await readFile(file.path) })));
}
