/** Layers that are not gzip: written by BuildKit, and read by everything that follows. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { BundleResult } from '@tidegate/testkit';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const host = suite.registries.olareg;
const jobs: Job[] = [];
afterAll(() => Promise.all(jobs.map(leave)));

/** Put together here, so that this file holds no token for whoever scans the repository. */
const TOKEN = `ghp_${'q8Zt3LmW9xVb2KcRf7YdHs5JpAe4NgUu6TnE'}`;

async function checkout(app: 'sound' | 'vulnerable', files: Readonly<Record<string, string>> = {}): Promise<Job> {
  const job = await newJob(suite, { app, files });
  jobs.push(job);
  return job;
}

async function layersOf({ outputs }: BundleResult) {
  const blob = (digest = '') =>
    readFile(join(String(outputs.layout), 'blobs', ...digest.split(':')), 'utf8').then((text) => JSON.parse(text));
  const root = await blob(outputs.digest);
  const manifest = root.manifests ? await blob(root.manifests[0].digest) : root;
  return manifest.layers as readonly { mediaType: string; annotations?: Record<string, string> }[];
}

const TAR = 'application/vnd.oci.image.layer.v1.tar';

describe.each([
  // Forced: BuildKit keeps the layers that it has in another compression, here from other tests.
  ['zstd', { 'compression-level': '19', 'force-compression': 'true' }, `${TAR}+zstd`],
  ['estargz', { 'force-compression': 'true' }, `${TAR}+gzip`],
  ['gzip', { 'compression-level': '1', 'force-compression': 'true' }, `${TAR}+gzip`],
])('layers of %s', (compression, more, mediaType) => {
  test('are catalogued, scanned, published, read back and verified', async () => {
    const job = await checkout('sound');
    const image = `${host}/compression/${compression}`;
    const result = await succeeded(job.run('ship', { image, platforms: 'linux/amd64', compression, ...more }));
    const layers = await layersOf(result);
    expect(new Set(layers.map((layer) => layer.mediaType))).toEqual(new Set([mediaType]));
    const tocs = layers.filter(({ annotations = {} }) => 'containerd.io/snapshot/stargz/toc.digest' in annotations);
    expect(tocs).toHaveLength(compression === 'estargz' ? layers.length : 0);
    expect([result.outputs.published, result.outputs.verdict]).toEqual(['true', 'pass']);
    // The program's module is in the SBOM, so that Syft has read the layer.
    const { 'linux/amd64': path } = JSON.parse(String(result.outputs['spdx-paths']));
    const sbom = JSON.parse(await readFile(path, 'utf8'));
    expect(sbom.packages.map(({ name }: { name: string }) => name)).toContain('golang.org/x/text');
  });

  test('hide neither a vulnerable package from the scanner nor a secret from the reader of contents', async () => {
    const job = await checkout('vulnerable', {
      'Dockerfile.leak': `FROM scratch\nARG TARGETOS TARGETARCH\nCOPY app-$TARGETOS-$TARGETARCH /app\nCOPY token /token\n`,
      token: `${TOKEN}\n`,
    });
    const inputs = {
      image: `${host}/compression/leak`,
      platforms: 'linux/amd64',
      file: 'Dockerfile.leak',
      lint: 'off',
    };
    const { exitCode, annotations, outputs } = await job.run('ship', { ...inputs, compression, ...more });
    expect([exitCode, outputs.verdict]).toEqual([1, 'fail']);
    const said = annotations.map(({ message, title = '' }) => `${title} ${message}`).join('\n');
    expect(said).toMatch(/contents-secrets/);
    expect(said).toMatch(/severity-threshold/);
  });
});
