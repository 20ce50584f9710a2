/** A process that attaches evidence to one digest, one piece after the other: `node writer.ts SETTINGS`. */
import { type Descriptor, digestOf, MediaType } from '@tidegate/core';
import { contentOfBytes, Registry } from '@tidegate/oci';

export interface WriterSettings {
  readonly host: string;
  readonly repository: string;
  readonly subject: Descriptor;
  readonly name: string;
  readonly count: number;
}

const { host, repository, subject, name, count } = JSON.parse(process.argv[2] ?? '') as WriterSettings;
const registry = new Registry({ registry: host, repository });
const put = async (mediaType: string, bytes: Buffer): Promise<Descriptor> => {
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  await registry.push(descriptor, contentOfBytes(bytes));
  return descriptor;
};
for (let at = 0; at < count; at += 1) {
  const config = await put(MediaType.empty, Buffer.from('{}'));
  const artifactType = 'application/vnd.example+json';
  const annotations = { writer: name, at: String(at) };
  const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, artifactType, config, layers: [config] };
  await put(MediaType.manifest, Buffer.from(JSON.stringify({ ...manifest, subject, annotations })));
}
registry.close();
