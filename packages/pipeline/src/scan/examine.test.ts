import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deferred, digestOf, effectivePolicy, MediaType, TidegateError } from '@tidegate/core';
import { contentOfBytes, ImageLayout } from '@tidegate/oci';
import { childContexts } from '@tidegate/tools';
import type { Database } from '../database/database.ts';
import type { Services } from '../services.ts';
import { openTarget, type Target } from '../target.ts';
import { examine } from './examine.ts';

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-examine-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function newTarget(): Promise<{ target: Target; place: string; digest: string }> {
  count += 1;
  const place = join(folder, `image-${count}`);
  const layout = await ImageLayout.create(join(place, 'layout'));
  const put = async (mediaType: string, content: object) => {
    const bytes = Buffer.from(JSON.stringify(content));
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await layout.push(descriptor, contentOfBytes(bytes));
    return descriptor;
  };
  const rootfs = { type: 'layers', diff_ids: [] };
  const config = await put(MediaType.config, { os: 'linux', architecture: 'amd64', rootfs, count });
  const manifest = await put(MediaType.manifest, {
    schemaVersion: 2,
    mediaType: MediaType.manifest,
    config,
    layers: [],
  });
  await layout.add(manifest);
  return { target: await openTarget(join(place, 'layout')), place, digest: manifest.digest };
}

const syftOf = (digest: string) => ({
  artifacts: [{ name: 'app', version: '1', type: 'binary', licenses: [], locations: [] }],
  source: { type: 'image', name: 'app', version: digest, metadata: { manifestDigest: digest } },
  descriptor: { name: 'syft', version: '1.52.0' },
  schema: { version: '16.1.3' },
});
const spdxOf = (digest: string) => ({
  ...{ spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', name: 'app' },
  packages: [{ name: 'app', SPDXID: 'SPDXRef-Image', versionInfo: digest }],
  relationships: [
    { spdxElementId: 'SPDXRef-DOCUMENT', relatedSpdxElement: 'SPDXRef-Image', relationshipType: 'DESCRIBES' },
  ],
});
const cyclonedxOf = (digest: string) => ({
  ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
  metadata: { component: { type: 'container', name: 'app', version: digest } },
});
const reportOf = (digest: string) => ({
  matches: [],
  source: { type: 'image', target: { manifestDigest: digest } },
  descriptor: {
    name: 'grype',
    version: '0.119.0',
    db: { status: { schemaVersion: 'v6.1.9', built: new Date().toISOString(), valid: true } },
  },
});

interface World {
  /** The image of Syft's documents. Default: the correct one. */
  readonly cataloged?: string;
  readonly onCataloging?: () => void;
  /** Runs before Syft writes its documents. */
  readonly cataloging?: () => Promise<void>;
  /** Runs with Grype's input SBOM, before Grype writes its report. */
  readonly scanning?: (sbom: Buffer, signal: AbortSignal) => Promise<void>;
}

const DATABASE: Database = {
  folder: '/database',
  built: new Date(),
  checksum: digestOf('an archive'),
  source: 'https://grype.example',
};

/** Simulates Syft and Grype: their calls and their output. */
async function examined(world: World, database: Promise<Database>, made?: Awaited<ReturnType<typeof newTarget>>) {
  const { target, place, digest } = made ?? (await newTarget());
  const after = (argv: readonly string[], word: string) =>
    argv.find((one) => one.startsWith(word))?.split('=')[1] ?? '';
  const log = { info: () => {}, group: (_: string, work: (l: unknown) => unknown) => work(log) };
  const services = {
    tools: { get: async (name: string) => ({ path: name }) },
    run: async (name: string, argv: readonly string[], { signal }: { signal: AbortSignal }) => {
      if (name === 'syft') {
        const of = world.cataloged ?? digest;
        await world.cataloging?.();
        await writeFile(after(argv, 'syft-json='), JSON.stringify(syftOf(of)));
        await writeFile(after(argv, 'spdx-json@2.3='), JSON.stringify(spdxOf(of)));
        await writeFile(after(argv, 'cyclonedx-json@1.6='), JSON.stringify(cyclonedxOf(of)));
      } else {
        await world.scanning?.(await readFile(argv[0]?.replace('sbom:', '') ?? ''), signal);
        await writeFile(argv[argv.indexOf('--file') + 1] ?? '', JSON.stringify(reportOf(digest)));
      }
      return { exitCode: 0, stdout: '', stderr: '', milliseconds: 1 };
    },
    log,
    clock: () => new Date(),
    signal: new AbortController().signal,
    temp: place,
    children: childContexts({ env: {}, folder: join(place, 'children'), workspace: place }),
  } as unknown as Services;
  const options = {
    ...{ name: 'app', sbomDir: join(place, 'sbom'), reportDir: join(place, 'scan') },
    policy: effectivePolicy({ version: 1, preset: 'strict' }).policy,
    ...(world.onCataloging ? { onCataloging: world.onCataloging } : {}),
  };
  return { result: examine(target, database, options, services), target, place, digest };
}

const kept = async (target: Target, digest: string) =>
  (await target.layout.referrers(digest as Parameters<Target['layout']['referrers']>[0])).map(
    ({ annotations, artifactType }) => annotations?.['in-toto.io/predicate-type'] ?? artifactType,
  );

describe('an image that was just built', () => {
  test('is scanned by the very bytes that Syft left, and the report is bound to them', async () => {
    const read: Buffer[] = [];
    const { result } = await examined({ scanning: async (sbom) => void read.push(sbom) }, Promise.resolve(DATABASE));
    const { sboms, scans } = await result;
    const [sbom, scan] = [sboms[0], scans[0]];
    const bytes = await readFile(sbom?.syft?.path ?? '');
    expect(read).toEqual([bytes]);
    expect(sbom?.syft?.digest).toBe(digestOf(bytes));
    expect(scan?.evidence.sbom).toBe(digestOf(bytes));
  });

  test('lets others know when Syft is at work, for what is done beside it', async () => {
    const { promise: told, resolve: onCataloging } = deferred<void>();
    // Syft does not exit before that.
    const { result } = await examined({ cataloging: () => told, onCataloging }, Promise.resolve(DATABASE));
    expect((await result).sboms).toHaveLength(1);
  });

  test('has its SBOMs kept while Grype is at work', async () => {
    const { promise: seen, resolve: onSeen } = deferred<void>();
    const made = await newTarget();
    // Grype does not exit before the documents are in the layout.
    const scanning = async () => {
      while ((await kept(made.target, made.digest)).length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
      onSeen();
    };
    const { result } = await examined({ scanning }, Promise.resolve(DATABASE), made);
    await seen;
    await result;
    expect((await kept(made.target, made.digest)).toSorted()).toHaveLength(4);
  });

  test('has its SBOMs kept while the database is still on its way', async () => {
    const { promise: database, resolve: arrived } = deferred<Database>();
    const { result, target, digest } = await examined({}, database);
    while ((await kept(target, digest)).length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    arrived(DATABASE);
    expect((await result).scans).toHaveLength(1);
  });
});

describe('documents of another image', () => {
  const cataloged = `sha256:${'0'.repeat(64)}`;

  test("are refused in Syft's name, end the scan, and are removed", async () => {
    let stopped = false;
    const scanning = (_: Buffer, signal: AbortSignal) =>
      new Promise<void>((_resolve, reject) => {
        const stop = () => {
          stopped = true;
          reject(new TidegateError('cancelled', 'grype was stopped: cancelled.'));
        };
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop);
      });
    const { result, place, target, digest } = await examined({ cataloged, scanning }, Promise.resolve(DATABASE));
    await expect(result).rejects.toThrow(/^Syft exited 0 but wrote a syft-json document that is not valid/);
    expect(stopped).toBe(true);
    expect(await readdir(join(place, 'sbom'))).toEqual([]);
    expect(await kept(target, digest)).toEqual([]);
  });

  test("are refused in Syft's name though Grype complains of them at once", async () => {
    const scanning = async () => {
      throw new TidegateError('tool-failed', 'grype ended with exit code 1');
    };
    const { result } = await examined({ cataloged, scanning }, Promise.resolve(DATABASE));
    await expect(result).rejects.toThrow(/^Syft exited 0/);
  });
});

test('a database that cannot be had is the error, and nothing is scanned', async () => {
  let scans = 0;
  const scanning = async () => {
    scans += 1;
  };
  const database: Promise<Database> = Promise.reject(
    new TidegateError('tool-failed', 'The vulnerability database could not be updated.'),
  );
  database.catch(() => {});
  const { result } = await examined({ scanning }, database);
  await expect(result).rejects.toThrow('The vulnerability database could not be updated.');
  expect(scans).toBe(0);
});
