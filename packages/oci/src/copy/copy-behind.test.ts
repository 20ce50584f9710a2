import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { MediaType } from '@tidegate/core';
import { described, scratchFolder, virtualTiming } from '../fixture.ts';
import { head, startRaw } from '../http/raw-responses.fixture.ts';
import { ImageLayout } from '../layout/layout.ts';
import { Registry } from '../registry/registry.ts';
import { copy, copyManifests } from './copy.ts';

const base = scratchFolder('behind');
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});
afterAll(() => rmSync(base, { recursive: true, force: true }));
const emptyLayout = () => ImageLayout.create(mkdtempSync(join(base, 'layout-')));

const config = described(MediaType.config, '{}').descriptor;
const image = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [] };
const one = described(MediaType.manifest, image);
const other = described(MediaType.manifest, { ...image, annotations: { other: '' } });
const manifests = [one.descriptor, other.descriptor];
const index = described(MediaType.index, { schemaVersion: 2, mediaType: MediaType.index, manifests });

/** A registry that gives the index and the manifests, never answers what `holds`, and then refuses what `refuses`. */
async function serve(holds: string, refuses: string, given = [index, one, other]) {
  const held: Socket[] = [];
  // A refused list of referrers would mean that there is no such list.
  const broken = `${head(1, '200 OK', `Content-Type: ${MediaType.index}\r\n`)}x`;
  const refusal = refuses.startsWith('referrers/') ? broken : head(0, '403 Forbidden');
  let refuse: (() => void)[] = [];
  const server = await startRaw(undefined, (socket, { path }) => {
    const found = given.find(({ descriptor }) => path.endsWith(`manifests/${descriptor.digest}`));
    if (path.endsWith(holds)) held.push(socket);
    else if (path.endsWith(refuses)) refuse.push(() => socket.write(refusal));
    else if (found) {
      socket.write(head(found.bytes.length, '200 OK', `Content-Type: ${found.descriptor.mediaType}\r\n`));
      socket.write(found.bytes);
    } else if (path.endsWith(`blobs/${config.digest}`)) socket.write(`${head(2)}{}`);
    else socket.write(head(0, '404 Not Found'));
    if (held.length === 0) return;
    for (const go of refuse) go();
    refuse = [];
  });
  const registry = new Registry({ registry: server.host, repository: 'acme/app' }, { timing: virtualTiming() });
  open.push(server, registry);
  return { registry, held };
}

async function expectNothingBehind(copying: Promise<unknown>, { held }: { held: readonly Socket[] }): Promise<void> {
  await expect(copying).rejects.toMatchObject({ kind: expect.stringMatching(/^(unauthorized|integrity)$/) });
  expect(held).toHaveLength(1);
  for (const socket of held) if (!socket.closed) await once(socket, 'close');
}

test.each([
  ['a manifest', `manifests/${one.descriptor.digest}`, `manifests/${other.descriptor.digest}`],
  ['a list of referrers', `referrers/${one.descriptor.digest}`, `referrers/${other.descriptor.digest}`],
])('a copy that fails for %s is not waiting for another one any more', async (_what, refuses, holds) => {
  const served = await serve(holds, refuses);
  await expectNothingBehind(copy(served.registry, await emptyLayout(), [index.descriptor]), served);
});

test('nor is one of single manifests', async () => {
  const served = await serve(`manifests/${one.descriptor.digest}`, `manifests/${other.descriptor.digest}`);
  await expectNothingBehind(copyManifests(served.registry, await emptyLayout(), manifests), served);
});
