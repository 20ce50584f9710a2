/** Layers are unpacked once and read once, and nobody notices: neither in Syft's documents nor in the findings. */
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { MediaType } from '@tidegate/core';
import { UnpackedLayers } from '@tidegate/oci';
import { catalog, lookInto, openTarget } from '@tidegate/pipeline';
import { builtImage } from '../support/built-image.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const READ = /checked \d+ files? in \d+ layers?/;
const jobs: Job[] = [];
afterAll(async () => {
  for (const job of jobs) await leave(job);
});
const aJob = async () => {
  const job = await newJob(suite, {});
  jobs.push(job);
  return job;
};

const TWO_LAYERS = `FROM scratch AS base
COPY status /var/lib/dpkg/status
COPY busybox /bin/busybox
FROM base
COPY package.json /app/node_modules/one/package.json
`;
const FILES = {
  status:
    'Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.0.11-1~deb12u2\nDescription: x\n',
  'package.json': '{"name":"one","version":"1.2.3"}',
};

test('Syft writes the same documents of unpacked layers, byte for byte, and the contents are the same', async () => {
  const { target, services } = await builtImage(suite, TWO_LAYERS, FILES);
  const [one] = target.image.platforms;
  if (!one) throw new Error('no platform');
  const unpacked = new UnpackedLayers(join(services.temp, 'unpacked'), { least: 0 });
  const made = async (name: string, from?: UnpackedLayers) =>
    catalog(target, one, { outputDir: join(services.temp, name), name: 'one', unpacked: from }, services);
  const [packed, once] = [await made('packed'), await made('once', unpacked)];
  expect(String(once.syft)).toBe(String(packed.syft));
  expect(JSON.parse(String(once.syft)).artifacts).toHaveLength(3);
  const manifest = JSON.parse(String(await target.layout.fetchBytes(one.descriptor)));
  const { rootfs } = JSON.parse(String(await target.layout.fetchBytes(manifest.config)));
  manifest.layers.forEach((layer: Parameters<typeof target.layout.fetch>[0], at: number) => {
    expect(unpacked.fileOf({ layer, diffId: rootfs.diff_ids[at] })).toBeDefined();
  });
  expect(await lookInto(target, undefined, services, unpacked)).toEqual(await lookInto(target, undefined, services));
});

test('scan-image uses what generate-sbom has read in the same job, and reads the layers of another job', async () => {
  const [job, other] = [await aJob(), await aJob()];
  const built = await succeeded(job.run('build-image', { platforms: 'linux/amd64' }));
  const { layout = '' } = built.outputs;
  const cataloged = await succeeded(job.run('generate-sbom', {}));
  expect(cataloged.log.join('\n')).toMatch(READ);
  const copy = join(other.temp, 'layout');
  await cp(layout, copy, { recursive: true });
  const policy = { 'fail-on': 'none', 'unknown-severity': 'report' };
  const scanned = await succeeded(job.run('scan-image', policy));
  expect(scanned.log.join('\n')).not.toMatch(READ);
  const elsewhere = await succeeded(other.run('scan-image', { ...policy, layout: copy }));
  expect(elsewhere.log.join('\n')).toMatch(READ);
  expect(await contentsIn(layout)).toEqual(await contentsIn(copy));
});

/** The records of what the layers contain. */
async function contentsIn(folder: string): Promise<readonly unknown[]> {
  const { layout, image } = await openTarget(folder);
  const found: unknown[] = [];
  for (const { descriptor } of image.platforms) {
    const records = await layout.referrers(descriptor.digest, MediaType.contents);
    expect(records).toHaveLength(1);
    for (const one of records) {
      const { layers } = JSON.parse(String(await layout.fetchBytes(one)));
      const path = join(folder, 'blobs', layers[0].digest.replace(':', '/'));
      found.push(JSON.parse(await readFile(path, 'utf8')));
    }
  }
  return found;
}
