import { evidenceOf, MAX_BUNDLE_BYTES, MAX_STATEMENT_BYTES, parseBundle, recordedBuild } from '@tidegate/attest';
import {
  type Descriptor,
  type Digest,
  formatPlatform,
  isRecord,
  type Known,
  known,
  MANIFEST_LIMIT,
  type Material,
  MediaType,
  messageOf,
  type Plan,
  PredicateType,
  parsedJson,
  type RecordedBuild,
  unknown,
} from '@tidegate/core';
import { type Registry, readImage, type Store } from '@tidegate/oci';
import { readContent } from '../evidence/store.ts';
import { currentDigest } from '../push/preflight.ts';
import type { Services } from '../services.ts';

const REVISION = 'org.opencontainers.image.revision';

/** The origin of the published image. */
export interface LiveOrigin {
  readonly tag: string;
  /** The commit that it was built from. */
  readonly revision: string;
  /** All inputs of its builds, base images of every stage among them. */
  readonly materials: readonly Material[];
  readonly platforms: readonly string[];
  /** The parameters of its builds, one of each platform. */
  readonly builds: readonly RecordedBuild[];
  /** Of the root. */
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * The origin of the image behind `tags`. A run that failed after its first tag leaves the others missing or on an older
 * image: then its target must be built again. Only tags of a commit or a day may be missing: a target that is left out
 * gets none. The origin only decides whether an image is built again, so
 * no signature is verified: who can write the evidence can also move the tags.
 * @returns unknown if a tag is missing or on another image than the others, or if it does not name its commit or its base images
 */
export async function liveOrigin(
  registry: Registry,
  planned: readonly Pick<Plan['tags'][number], 'tag' | 'kind'>[],
  services: Pick<Services, 'signal'>,
): Promise<Known<LiveOrigin>> {
  const { signal } = services;
  try {
    const all = await Promise.all(
      planned.map(async ({ tag, kind }) => ({ tag, kind, digest: await currentDigest(registry, tag, signal) })),
    );
    const first = all.find(({ digest }) => digest !== undefined);
    if (first?.digest === undefined) return unknown('it is not published yet');
    const { tag, digest } = first;
    const wanted = all.filter((one) => one.digest !== undefined || !(one.kind === 'commit' || one.kind === 'date'));
    const other = wanted.find((one) => one.digest !== digest);
    if (other) return unknown(`its tags ${tag} and ${other.tag} are not on one image`);
    const root = await registry.resolve(digest, { signal });
    const content = parsedJson(
      Buffer.from(await registry.fetchBytes(root, { signal, limit: MANIFEST_LIMIT })).toString(),
    );
    const annotations = textsIn(isRecord(content) ? content.annotations : undefined);
    const revision = annotations[REVISION];
    if (revision === undefined) return unknown(`the published image (${tag}) does not name its commit`);
    const image = await readImage(registry, root, { signal, attestations: true });
    const materials: Material[] = [];
    const builds: RecordedBuild[] = [];
    for (const { descriptor } of image.platforms) {
      const found = await provenanceOf(registry, descriptor.digest, signal);
      if (!found) return unknown(`the published image (${tag}) has no provenance`);
      if (!found.build)
        return unknown(`the provenance of the published image (${tag}) does not list the build's parameters`);
      materials.push(...found.materials);
      builds.push(found.build);
    }
    const platforms = image.platforms.map(({ platform }) => formatPlatform(platform));
    return known({ tag, revision, materials, builds, platforms, annotations });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    return unknown(`the published image cannot be read (${messageOf(error)})`);
  }
}

function textsIn(value: unknown): Readonly<Record<string, string>> {
  const texts = Object.entries(isRecord(value) ? value : {}).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
  );
  return Object.fromEntries(texts);
}

async function provenanceOf(
  store: Store,
  subject: Digest,
  signal: AbortSignal,
): Promise<{ readonly materials: readonly Material[]; readonly build: RecordedBuild | undefined } | undefined> {
  const referrers = await store.referrers(subject, undefined, { signal });
  // If there are several, the last one is from the newest push.
  const newest = referrers.findLast(isProvenance);
  if (!newest) return undefined;
  const isBundle = newest.artifactType === MediaType.bundle;
  const bytes = await readContent(store, newest, isBundle ? MAX_BUNDLE_BYTES : MAX_STATEMENT_BYTES);
  const statement = isBundle ? parseBundle(bytes).payload : bytes;
  const evidence = evidenceOf(statement, subject);
  if (evidence?.kind !== 'provenance' || !evidence.materials) return undefined;
  return { materials: evidence.materials, build: recordedBuild(statement) };
}

function isProvenance({ annotations = {} }: Descriptor): boolean {
  const type = annotations['dev.sigstore.bundle.predicateType'] ?? annotations['in-toto.io/predicate-type'];
  return type === PredicateType.provenance;
}
