/** A process that attaches evidence to one digest: `node writer.ts SETTINGS`. */
import { type Descriptor, digestOf, MediaType } from '@tidegate/core';
import { contentOfBytes, type Listed, type PushOptions, Registry } from '@tidegate/oci';

export interface WriterSettings {
  readonly host: string;
  readonly repository: string;
  readonly subject: Descriptor;
  readonly name: string;
  readonly count: number;
  /** In parallel, as a copy sends them; otherwise one after the other. */
  readonly together: boolean;
}

const { host, repository, subject, name, count, together } = JSON.parse(process.argv[2] ?? '') as WriterSettings;
const registry = new Registry({ registry: host, repository });
const put = async (mediaType: string, bytes: Buffer, options: PushOptions = {}): Promise<Descriptor> => {
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  await registry.push(descriptor, contentOfBytes(bytes), options);
  return descriptor;
};
const attach = async (at: number, options: PushOptions = {}): Promise<void> => {
  const config = await put(MediaType.empty, Buffer.from('{}'));
  const artifactType = 'application/vnd.example+json';
  const annotations = { writer: name, at: String(at) };
  const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, artifactType, config, layers: [config] };
  await put(MediaType.manifest, Buffer.from(JSON.stringify({ ...manifest, subject, annotations })), options);
};

if (together) {
  const listing: Listed[] = [];
  const arrived = registry.expectReferrers(subject.digest);
  const onListing = (listed: Listed) => listing.push(listed);
  await Promise.all(Array.from({ length: count }, (_referrer, at) => attach(at, { onListing })));
  arrived();
  await Promise.all(listing.map(({ stays }) => stays));
} else {
  for (let at = 0; at < count; at += 1) await attach(at);
}
registry.close();
