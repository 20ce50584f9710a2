import type { Digest } from '@tidegate/core';
import { fallbackTag } from '@tidegate/oci';
import type { RecordedRequest, RegistryServer } from '@tidegate/testkit';
import { REPOSITORY, TAGS } from './push.ts';
import type { SignedLayout } from './signed-layout.ts';

/** Errors in the registry's contents, read without the protocol, as text; empty if everything is correct. */
export function missingBehindTags(server: RegistryServer, layout: SignedLayout): readonly string[] {
  const tags = [...server.tags(REPOSITORY)].filter(([tag]) => !tag.startsWith('sha256-'));
  const wrong = tags.filter(([, digest]) => digest !== layout.root).map(([tag, digest]) => `${tag} is on ${digest}`);
  return tags.length === 0 ? wrong : [...wrong, ...incomplete(server, layout).map((what) => `tagged, and ${what}`)];
}

/** The same for several destinations: a tag on any of them needs everything on all of them. */
export function missingBehindAnyTag(servers: readonly RegistryServer[], layout: SignedLayout): readonly string[] {
  const tagged = servers.filter((server) =>
    [...server.tags(REPOSITORY).keys()].some((tag) => !tag.startsWith('sha256-')),
  );
  const wrong = servers.flatMap((server) => missingBehindTags(server, layout));
  if (tagged.length === 0) return wrong;
  const untagged = servers.filter((server) => !tagged.includes(server));
  return [
    ...wrong,
    ...untagged.flatMap((server) => incomplete(server, layout)).map((what) => `tagged elsewhere, and ${what}`),
  ];
}

/** Missing contents after a completed push. */
export function unfinished(server: RegistryServer, layout: SignedLayout): readonly string[] {
  const tags = server.tags(REPOSITORY);
  const untagged = TAGS.filter((tag) => tags.get(tag) !== layout.root).map((tag) => `no tag ${tag}`);
  return [...untagged, ...incomplete(server, layout)];
}

function incomplete(server: RegistryServer, layout: SignedLayout): readonly string[] {
  const manifests = layout.manifests.filter((digest) => !server.manifest(REPOSITORY, digest));
  const blobs = [...layout.blobs.keys()].filter((digest) => !server.blobs(REPOSITORY).has(digest));
  return [
    ...manifests.map((digest) => `no manifest ${digest}`),
    ...blobs.map((digest) => `no blob ${digest}`),
    ...[...layout.referrers].flatMap(([subject, wanted]) => unlisted(server, subject, wanted)),
  ];
}

/** Each referrer must be listed, exactly once. */
function unlisted(server: RegistryServer, subject: Digest, wanted: readonly Digest[]): readonly string[] {
  const listed = listedReferrers(server, subject);
  return listed.toSorted().join() === wanted.join() ? [] : [`${subject} lists ${listed.length} of ${wanted.length}`];
}

function listedReferrers(server: RegistryServer, subject: Digest): readonly string[] {
  if (server.referrers) return server.referrers(REPOSITORY, subject);
  const index = server.manifest(REPOSITORY, fallbackTag(subject));
  const { manifests } = JSON.parse(index?.bytes.toString() ?? '{"manifests":[]}') as {
    manifests: { digest: string }[];
  };
  return manifests.map(({ digest }) => digest);
}

/** Bytes of blobs that the registry received. */
export function taken(requests: readonly RecordedRequest[]): number {
  return requests
    .filter(({ method, url }) => (method === 'PUT' || method === 'PATCH') && url.includes('/blobs/uploads/'))
    .reduce((sum, { received }) => sum + received, 0);
}
