/** Many processes attach evidence to the same image at the same time: none is lost. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from '@jest/globals';
import { type Descriptor, digestOf, MediaType } from '@tidegate/core';
import { contentOfBytes, Registry } from '@tidegate/oci';
import { node24, type RegistryServerOptions, startRegistry } from '@tidegate/testkit';
import { keepFigures } from '../figures.ts';
import type { WriterSettings } from './support/writer.ts';

const WRITER = fileURLToPath(new URL('support/writer.ts', import.meta.url));
const WRITERS = 10;
const EACH = 20;
const REPOSITORY = 'race/app';

const listedOf: Record<string, { listed: number; of: number; seconds: number }> = {};
afterAll(() => keepFigures('referrer-race', 'faults', { writers: WRITERS, each: EACH, 'referrers listed': listedOf }));

test.each<[string, RegistryServerOptions, boolean?]>([
  ['the referrers API', { referrers: true }],
  ['a fallback tag, If-Match heeded', { referrers: false, conditions: true }],
  ['a fallback tag, If-Match not heeded', { referrers: false, conditions: false }],
  ['a fallback tag, If-Match not heeded, all side by side', { referrers: false, conditions: false }, true],
])(
  `${WRITERS} processes attach ${EACH} referrers each with %s: all are listed`,
  async (mode, options, together = false) => {
    const server = await startRegistry(options);
    const registry = new Registry({ registry: server.host, repository: REPOSITORY });
    try {
      const subject = await image(registry);
      const write = (name: string) => {
        const place = { host: server.host, repository: REPOSITORY, subject };
        const settings: WriterSettings = { ...place, name, count: EACH, together };
        return promisify(execFile)(node24(), [WRITER, JSON.stringify(settings)], { env: {} });
      };
      const began = performance.now();
      await Promise.all(Array.from({ length: WRITERS }, (_writer, at) => write(`writer ${at}`)));
      const listed = await registry.referrers(subject.digest);
      const names = listed.map(({ annotations }) => `${annotations?.writer} ${annotations?.at}`);
      const seconds = Number(((performance.now() - began) / 1000).toFixed(1));
      listedOf[mode] = { listed: new Set(names).size, of: WRITERS * EACH, seconds };
      expect(new Set(names).size).toBe(WRITERS * EACH);
      expect(names).toHaveLength(WRITERS * EACH);
      expect(new Set(listed.map(({ artifactType }) => artifactType))).toEqual(
        new Set(['application/vnd.example+json']),
      );
    } finally {
      registry.close();
      await server.close();
    }
  },
  300_000,
);

async function image(registry: Registry): Promise<Descriptor> {
  const put = async (mediaType: string, text: string): Promise<Descriptor> => {
    const bytes = Buffer.from(text);
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await registry.push(descriptor, contentOfBytes(bytes));
    return descriptor;
  };
  const config = await put(MediaType.config, '{"os":"linux","architecture":"amd64"}');
  const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [] };
  return put(MediaType.manifest, JSON.stringify(manifest));
}
