import { createHash } from 'node:crypto';
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contentsDocument, MAX_CONTENTS_BYTES, readContents } from '@tidegate/attest';
import {
  type ContentsPolicy,
  type Descriptor,
  type Digest,
  EVIDENCE_MAKER,
  formatExactPlatform,
  hexOf,
  layerPath,
  MANIFEST_LIMIT,
} from '@tidegate/core';
import { readManifest } from '@tidegate/oci';
import { lookInto, type PlatformContents, type Services, type Target } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';

/**
 * The findings in a layout's layers, kept for a scan-image later in this job. Outside the layout, which may come from
 * another job: only what this job has read counts. The same code, the same image.
 */
async function noteOf(target: Target, digest: Digest, job: Job): Promise<string> {
  const id = createHash('sha256')
    .update(await realpath(target.layout.folder))
    .digest('hex')
    .slice(0, 16);
  return join(job.temp, 'tidegate', '.layers', `${id}-${EVIDENCE_MAKER.version}`, `${hexOf(digest)}.json`);
}

/** Keep what was read, with the default settings, for `readLayers`. */
export async function rememberLayers(target: Target, read: readonly PlatformContents[], job: Job): Promise<void> {
  for (const [at, { descriptor }] of target.image.platforms.entries()) {
    const found = read[at];
    if (!found) continue;
    const document = contentsDocument(descriptor.digest, found.contents);
    if (document.length > MAX_CONTENTS_BYTES) continue;
    const file = await noteOf(target, descriptor.digest, job);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, document);
  }
}

/** Read the layers of every platform, except those that generate-sbom has read in this job. */
export async function readLayers(
  target: Target,
  policy: ContentsPolicy,
  services: Pick<Services, 'signal' | 'log'>,
  job: Job,
): Promise<readonly PlatformContents[]> {
  const results: PlatformContents[] = [];
  for (const one of target.image.platforms) {
    const known = await remembered(target, one.descriptor, job);
    if (known && isUnder(policy, known)) results.push({ platform: formatExactPlatform(one.platform), contents: known });
    else
      results.push(...(await lookInto({ ...target, image: { ...target.image, platforms: [one] } }, policy, services)));
  }
  return results;
}

/** Other folders of state are other findings. */
function isUnder(
  { statePaths }: ContentsPolicy,
  { config, statePaths: searched }: PlatformContents['contents'],
): boolean {
  if (!statePaths) return true;
  const asked = [...new Set([...statePaths, ...config.volumes].map(layerPath))].filter((path) => path !== '/');
  return JSON.stringify(asked) === JSON.stringify(searched);
}

async function remembered(
  target: Target,
  descriptor: Descriptor,
  job: Job,
): Promise<PlatformContents['contents'] | undefined> {
  const { digest } = descriptor;
  let found: PlatformContents['contents'];
  try {
    found = readContents(await readFile(await noteOf(target, digest, job)), digest);
  } catch {
    return undefined;
  }
  return (await namesMaskedSecret(target, descriptor, job)) ? undefined : found;
}

/**
 * Each step masks secrets of its own. Instructions are cut after they were masked: half a secret in a note would not be
 * recognized.
 */
async function namesMaskedSecret({ layout }: Target, descriptor: Descriptor, job: Job): Promise<boolean> {
  const manifest = await readManifest(layout, descriptor, { signal: job.signal });
  if (manifest.kind !== 'manifest') return true;
  const bytes = await layout.fetchBytes(manifest.config, { signal: job.signal, limit: MANIFEST_LIMIT });
  const config: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
  return JSON.stringify(job.redacted(config)) !== JSON.stringify(config);
}
