import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { MediaType } from '@tidegate/core';
import { type RegistryServerOptions, startRegistry } from '@tidegate/testkit';
import { addImage, addReferrer, put, scratchFolder, virtualTiming } from '../fixture.ts';
import { ImageLayout } from '../layout/layout.ts';
import { Registry } from '../registry/registry.ts';
import { copy } from './copy.ts';

const base = scratchFolder('rounds');
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** Nothing more comes for so long: what was asked at once has all been asked. Milliseconds. */
const QUIET = 100;

/**
 * Answers nothing until no further request comes, then everything at once: each time is a round trip, as a line so long
 * that all the rest takes no time would have it.
 */
function rounds() {
  const waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  const counted = { rounds: 0 };
  const onRequest: RegistryServerOptions['onRequest'] = ({ url, headers }) => {
    if (url.startsWith('/token') || headers.authorization === undefined) return undefined;
    return new Promise((resolve) => {
      waiting.push(() => resolve(undefined));
      clearTimeout(timer);
      timer = setTimeout(() => {
        counted.rounds += 1;
        for (const go of waiting.splice(0)) go();
      }, QUIET);
    });
  };
  return { counted, onRequest };
}

/** Two platforms with three layers each, an SBOM of each, and a signature of one SBOM. */
async function image() {
  const layout = await ImageLayout.create(mkdtempSync(join(base, 'layout-')));
  const platforms = [];
  for (const platform of ['linux/amd64', 'linux/arm64']) {
    platforms.push(await addImage(layout, platform, ['shared', `${platform} one`, `${platform} two`]));
  }
  for (const one of platforms) await layout.unlist(one);
  const root = await put(layout, MediaType.index, {
    schemaVersion: 2,
    mediaType: MediaType.index,
    manifests: platforms,
  });
  await layout.add(root);
  for (const subject of platforms) {
    const sbom = await addReferrer(layout, subject, 'application/sbom');
    await addReferrer(layout, sbom, 'application/signature');
  }
  return { layout, root };
}

const login = { kind: 'token', username: 'ci', password: 'secret' } as const;

test.each([
  // One look answers it all.
  { referrers: true, most: 1 },
  // The first list says that there is no such API; then the fallback tags are read.
  { referrers: false, most: 2 },
])(
  'an unchanged image is pushed again in $most round trips after the login (referrers API: $referrers)',
  async ({ referrers, most }) => {
    const { layout, root } = await image();
    const { counted, onRequest } = rounds();
    let slow = false;
    const server = await startRegistry({
      auth: login,
      referrers,
      onRequest: (request, count) => (slow ? onRequest?.(request, count) : undefined),
    });
    const push = async () => {
      const registry = new Registry(
        { registry: server.host, repository: 'acme/app' },
        { timing: virtualTiming(), credentials: async () => ({ ...login, kind: 'password' }) },
      );
      try {
        return await copy(layout, registry, [root]);
      } finally {
        registry.close();
      }
    };
    try {
      const first = await push();
      expect(first).toMatchObject({ sent: 19, skipped: 0 });
      slow = true;
      const received = server.requests.length;
      const again = await push();
      expect(again).toMatchObject({ sent: 0, mounted: 0, skipped: 19, bytes: 0 });
      expect(server.requests.slice(received).every(({ method }) => method === 'GET' || method === 'HEAD')).toBe(true);
      expect(counted.rounds).toBeGreaterThan(0);
      expect(counted.rounds).toBeLessThanOrEqual(most);
    } finally {
      await server.close();
    }
  },
);
