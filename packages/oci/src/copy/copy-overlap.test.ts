import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, expect, test } from '@jest/globals';
import { type Descriptor, type Digest, deferred, TidegateError } from '@tidegate/core';
import { addImage, addReferrer, scratchFolder } from '../fixture.ts';
import { ImageLayout } from '../layout/layout.ts';
import type { CallOptions, Content, Store } from '../store.ts';
import { copy } from './copy.ts';
import type { CopyEvent } from './report.ts';

const base = scratchFolder('overlap');
afterAll(() => rmSync(base, { recursive: true, force: true }));
const emptyLayout = () => ImageLayout.create(mkdtempSync(join(base, 'layout-')));

/** A layout, but for what is said here. */
function but(layout: ImageLayout, changed: Partial<Store>): Store {
  return new Proxy<Store>(layout, {
    get(_, name) {
      const value = (changed as Record<string | symbol, unknown>)[name] ?? Reflect.get(layout, name, layout);
      return typeof value === 'function' ? value.bind(layout) : value;
    },
  });
}

test('an image’s blobs come into a layout while its referrers are being looked for', async () => {
  const layout = await emptyLayout();
  const image = await addImage(layout, 'linux/amd64', ['one', 'two']);
  await addReferrer(layout, image, 'application/sbom');
  const came = deferred<void>();
  const source = but(layout, {
    referrers: async (subject: Digest) => {
      await came.promise;
      return layout.referrers(subject);
    },
  });
  const target = await emptyLayout();
  const events: CopyEvent[] = [];
  const onEvent = (event: CopyEvent): void => {
    events.push(event);
    if (event.kind === 'blob') came.resolve();
  };

  const report = await copy(source, target, [image], { onEvent });

  // Config and two layers, then what only the SBOM has.
  expect(events.filter(({ kind }) => kind === 'planned')).toMatchObject([{ blobs: 3 }, { blobs: 2 }]);
  expect(report).toMatchObject({ sent: 7, skipped: 0 });
  expect(await target.referrers(image.digest)).toHaveLength(1);
});

test('referrers that cannot be listed end what is coming meanwhile', async () => {
  const layout = await emptyLayout();
  const image = await addImage(layout, 'linux/amd64', ['one']);
  const broken = new TidegateError('registry-failed', 'It has no list.');
  let stopped = 0;
  const source = but(layout, {
    referrers: async () => {
      throw broken;
    },
    content: (_: Descriptor, { signal }: CallOptions = {}): Content => ({
      open: () => {
        const endless = new Readable({ read: () => undefined });
        signal?.addEventListener('abort', () => {
          stopped += 1;
          endless.destroy(broken);
        });
        return endless;
      },
    }),
  });
  const target = await emptyLayout();
  await expect(copy(source, target, [image])).rejects.toBe(broken);
  expect(stopped).toBe(2);
  expect(await target.index()).toEqual([]);
});
