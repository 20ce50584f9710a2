import { digestOf, MediaType } from '@tidegate/core';

/** The parts of a response that the specification defines; absent parts are left out. */
export interface Said {
  readonly status: number;
  /** distribution-spec, "Error Codes". */
  readonly code?: string;
  readonly body?: string;
  readonly [header: string]: unknown;
}

const REPOSITORY = 'contract/app';
const LAYER = 'the layer of an image';
const CONFIG = '{"os":"linux","architecture":"amd64"}';
const NOBODY = digestOf('nobody has this');
const TYPES = [MediaType.manifest, MediaType.index].join(', ');
const SHOWN = ['docker-content-digest', 'content-range', 'range', 'oci-subject', 'oci-filters-applied'];

const describeBlob = (mediaType: string, text: string) => ({ mediaType, digest: digestOf(text), size: text.length });
const manifestOf = (fields: object = {}) =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: MediaType.manifest,
    config: describeBlob(MediaType.config, CONFIG),
    layers: [describeBlob('application/vnd.oci.image.layer.v1.tar', LAYER)],
    ...fields,
  });
const IMAGE = manifestOf();
const SUBJECT = describeBlob(MediaType.manifest, IMAGE);
const SBOM = manifestOf({ artifactType: 'application/sbom', subject: SUBJECT, annotations: { a: 'b' } });
const SCAN = manifestOf({ artifactType: 'application/scan', subject: SUBJECT });
const INDEX = JSON.stringify({ schemaVersion: 2, mediaType: MediaType.index, manifests: [SUBJECT] });
const LOST_INDEX = JSON.stringify({
  schemaVersion: 2,
  mediaType: MediaType.index,
  manifests: [{ ...SUBJECT, digest: NOBODY }],
});

interface Asked {
  readonly method: string;
  /** Path below the repository, or `@` and the rest of the location of the current upload. */
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Step extends Asked {
  readonly what: string;
  /** The part of the body to compare. */
  readonly read?: (text: string) => string;
}

const upload = { method: 'POST', path: 'blobs/uploads/' } as const;
const put = (path: string, body: string, type: string = MediaType.manifest): Asked => ({
  method: 'PUT',
  path: `manifests/${path}`,
  body,
  headers: { 'content-type': type },
});
const get = (path: string): Asked => ({ method: 'GET', path, headers: { accept: TYPES } });
const head = (path: string): Asked => ({ ...get(path), method: 'HEAD' });
const whole = (text: string) => text;
const listed = (text: string) => {
  // olareg writes an empty list as null.
  const { manifests } = JSON.parse(text) as { manifests: { digest: string; artifactType?: string }[] | null };
  return (manifests ?? [])
    .map(({ artifactType, digest }) => `${artifactType} ${digest}`)
    .toSorted()
    .join();
};
const chunk = (from: number, to: number) => ({
  body: LAYER.slice(from, to),
  headers: { 'content-type': 'application/octet-stream', 'content-range': `${from}-${to - 1}` },
});

/** Each step finds the state that the earlier ones left. */
export const CONVERSATION: readonly Step[] = [
  { what: 'tags of a repository that is not there', ...get('tags/list') },
  { what: 'a manifest that is not there', ...get('manifests/none') },
  { what: 'a blob that is not there', ...head(`blobs/${NOBODY}`) },
  { what: 'an upload begins', ...upload },
  { what: 'its first chunk', method: 'PATCH', path: '@', ...chunk(0, 10) },
  { what: 'how far it got', method: 'GET', path: '@' },
  { what: 'the next chunk', method: 'PATCH', path: '@', ...chunk(10, 21) },
  { what: 'it ends under its digest', method: 'PUT', path: `@digest=${digestOf(LAYER)}` },
  { what: 'the blob is there', ...head(`blobs/${digestOf(LAYER)}`) },
  { what: 'the blob is what was sent', ...get(`blobs/${digestOf(LAYER)}`), read: whole },
  {
    what: 'a part of the blob',
    method: 'GET',
    path: `blobs/${digestOf(LAYER)}`,
    headers: { range: 'bytes=4-8' },
    read: whole,
  },
  { what: 'an upload of all at once begins', ...upload },
  {
    what: 'an upload of all at once ends',
    method: 'PUT',
    path: `@digest=${digestOf(CONFIG)}`,
    body: CONFIG,
    headers: { 'content-type': 'application/octet-stream' },
  },
  { what: 'an upload that lies begins', ...upload },
  {
    what: 'an upload that lies is refused',
    method: 'PUT',
    path: `@digest=${NOBODY}`,
    body: CONFIG,
    headers: { 'content-type': 'application/octet-stream' },
  },
  { what: 'an upload in disorder begins', ...upload },
  { what: 'the first chunk of it', method: 'PATCH', path: '@', ...chunk(0, 10) },
  { what: 'a chunk that is not the next', method: 'PATCH', path: '@', ...chunk(15, 21) },
  { what: 'an upload that is given up begins', ...upload },
  { what: 'an upload is given up', method: 'DELETE', path: '@' },
  { what: 'an upload that was given up is unknown', method: 'GET', path: '@' },
  {
    what: 'a mount of what is not there begins an upload',
    method: 'POST',
    path: `blobs/uploads/?mount=${NOBODY}&from=contract/none`,
  },
  { what: 'an index of what is not there', ...put('lost', LOST_INDEX, MediaType.index) },
  { what: 'a manifest under another digest', ...put(NOBODY, IMAGE) },
  { what: 'a manifest that is no JSON', ...put('broken', '{') },
  { what: 'a manifest by digest', ...put(digestOf(IMAGE), IMAGE) },
  { what: 'a manifest by tag', ...put('v1', IMAGE) },
  { what: 'an index by tag', ...put('v2', INDEX, MediaType.index) },
  { what: 'the tag leads to it', ...head('manifests/v1') },
  { what: 'it is byte for byte what was sent', ...get('manifests/v1'), read: whole },
  {
    what: 'a tag is written over whatever If-Match says',
    ...put('v1', IMAGE),
    headers: { 'content-type': MediaType.manifest, 'if-match': '"nobody"' },
  },
  { what: 'a referrer', ...put(digestOf(SBOM), SBOM) },
  { what: 'another referrer', ...put(digestOf(SCAN), SCAN) },
  { what: 'the list of referrers', ...get(`referrers/${SUBJECT.digest}`), read: listed },
  {
    what: 'the list of referrers of one kind',
    ...get(`referrers/${SUBJECT.digest}?artifactType=application/sbom`),
    read: listed,
  },
  { what: 'the list of referrers of what is not there', ...get(`referrers/${NOBODY}`), read: listed },
  { what: 'all tags', ...get('tags/list'), read: (text) => String((JSON.parse(text) as { tags: string[] }).tags) },
  { what: 'some tags', ...get('tags/list?n=1'), read: (text) => String((JSON.parse(text) as { tags: string[] }).tags) },
];

/** Every step of the conversation, with the registry's response. */
export async function talk(registry: string): Promise<ReadonlyMap<string, Said>> {
  const said = new Map<string, Said>();
  let location = '';
  for (const { what, read, ...asked } of CONVERSATION) {
    const answer = await fetch(urlOf(registry, asked.path, location), {
      method: asked.method,
      headers: { ...asked.headers },
      ...(asked.body === undefined ? {} : { body: asked.body }),
    });
    const text = await answer.text();
    if (answer.status === 202) location = new URL(answer.headers.get('location') ?? '', registry).href;
    const code = answer.status >= 400 ? codeIn(text) : undefined;
    said.set(what, {
      status: answer.status,
      ...(code ? { code } : {}),
      ...Object.fromEntries(SHOWN.map((name) => [name, answer.headers.get(name)]).filter(([, value]) => given(value))),
      ...(read && answer.ok ? { body: read(text) } : {}),
    });
  }
  return said;
}

/** distribution uses `0-0` for an upload that is still empty. */
function given(value: string | null | undefined): boolean {
  return value !== null && value !== undefined && value !== '0-0';
}

function urlOf(registry: string, path: string, location: string): URL {
  if (!path.startsWith('@')) return new URL(`/v2/${REPOSITORY}/${path}`, registry);
  const url = new URL(location);
  for (const [name, value] of new URLSearchParams(path.slice(1))) url.searchParams.set(name, value);
  return url;
}

function codeIn(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { errors?: { code?: string }[] }).errors?.[0]?.code;
  } catch {
    return undefined;
  }
}
