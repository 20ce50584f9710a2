import {
  MAX_BUNDLE_BYTES,
  MAX_STATEMENT_BYTES,
  parseBundle,
  parseStatement,
  scanEvidenceOf,
  spdxComponents,
} from '@tidegate/attest';
import {
  type Component,
  changesBetween,
  type Descriptor,
  type Digest,
  formatExactPlatform,
  type ImageState,
  type LiveChanges,
  MediaType,
  messageOf,
  type PlatformImage,
  PredicateType,
  purlType,
  type Statement,
} from '@tidegate/core';
import { type Registry, readImage, readManifest, type Store } from '@tidegate/oci';
import { readContent } from '../evidence/store.ts';
import { currentDigest, type TagsBefore } from '../push/preflight.ts';
import type { Services } from '../services.ts';
import { platformSizes, type Target } from '../target.ts';

/** Predicate types of the statements that are read. GitHub includes the version in the type of SPDX. */
const LOOKED_AT = new Set<string>([PredicateType.spdx, 'https://spdx.dev/Document/v2.3', PredicateType.scan]);

/** A live tag and the published state of its image. */
export interface LiveImage {
  readonly tag: string;
  readonly digest: Digest;
  /** By platform. Platforms without a published SBOM are missing. */
  readonly states: ReadonlyMap<string, ImageState>;
}

/**
 * Read the first tag that exists and does not point to `target`. The result is only shown to readers and decides
 * nothing, so signatures are not verified. Unreadable parts are omitted with a notice.
 */
export async function readLive(
  target: Target,
  registry: Registry,
  before: TagsBefore,
  services: Pick<Services, 'log' | 'signal'>,
): Promise<LiveImage | undefined> {
  const { signal } = services;
  const [tag, digest] =
    [...before].find(([, current]) => current !== undefined && current !== target.image.root.digest) ?? [];
  if (tag === undefined || digest === undefined) return undefined;
  try {
    const live = await readImage(registry, await registry.resolve(digest, { signal }), { signal, attestations: true });
    const states = new Map<string, ImageState>();
    await Promise.all(
      live.platforms.map(async (one) => {
        const state = await publishedState(registry, one, signal);
        if (state) states.set(formatExactPlatform(one.platform), state);
      }),
    );
    return { tag, digest, states };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    services.log.notice(`Changes against ${registry.name}:${tag} are unknown: ${messageOf(error)}`);
    return undefined;
  }
}

/** A reader waits for the comparison with the base branch at most this long, in milliseconds. */
const LONGEST_WAIT = 15_000;

/** The registry and tags of an image to compare with, the most wanted tag first. */
export interface ComparedImage {
  readonly registry: Registry;
  readonly tags: readonly string[];
}

/**
 * The image that is published now, such as that of a pull request's base branch: the first of `tags` that exists. Nothing
 * depends on it: a registry that does not respond, or denies access, as it does to forks of a private image, costs a
 * notice and at most 15 seconds.
 */
export async function readBase(
  target: Target,
  { registry, tags }: ComparedImage,
  services: Pick<Services, 'log' | 'signal'>,
): Promise<LiveImage | undefined> {
  const signal = AbortSignal.any([services.signal, AbortSignal.timeout(LONGEST_WAIT)]);
  try {
    const digests = await Promise.all(
      tags.map(async (tag) => [tag, await currentDigest(registry, tag, signal)] as const),
    );
    return await readLive(target, registry, new Map(digests), { ...services, signal });
  } catch (error) {
    if (services.signal.aborted) throw services.signal.reason;
    services.log.notice(`Changes against ${registry.name}:${tags[0]} are unknown: ${messageOf(error)}`);
    return undefined;
  }
}

/** Changes per platform if the tag moves to this image. The scan must have been read already. */
export async function liveChanges(target: Target, live: LiveImage | undefined): Promise<readonly LiveChanges[]> {
  if (!live) return [];
  const { digest, states, tag } = live;
  const sizes = await platformSizes(target);
  return target.image.platforms.flatMap((one) => {
    const platform = formatExactPlatform(one.platform);
    const was = states.get(platform);
    if (!was) return [];
    const is = stateHere(target, one, sizes.get(one.descriptor.digest)?.size);
    return [{ tag, digest, platform, changes: changesBetween(was, is) }];
  });
}

/**
 * State of the image that this run has read and scanned. Only packages with a package URL: the published SBOM
 * identifies other packages differently.
 */
function stateHere(target: Target, { descriptor }: PlatformImage, size: number | undefined): ImageState {
  const ours = target.evidence.all().filter((one) => one.subject === descriptor.digest);
  const components = ours.flatMap((one) => (one.kind === 'sbom' ? (one.components ?? []) : []));
  const scan = ours.find((one) => one.kind === 'scan');
  return {
    components: components.flatMap(byPackageUrl),
    findings: scan?.findings,
    size,
  };
}

function byPackageUrl(component: Component): readonly Component[] {
  const type = purlType(component.purl ?? '');
  return type === undefined ? [] : [{ ...component, type }];
}

/** @returns undefined if no SBOM was published */
async function publishedState(
  store: Store,
  { descriptor }: PlatformImage,
  signal: AbortSignal,
): Promise<ImageState | undefined> {
  const { digest } = descriptor;
  const [manifest, statements] = await Promise.all([
    readManifest(store, descriptor, { signal }),
    publishedStatements(store, digest, signal),
  ]);
  const sbom = statements.find(({ predicateType }) => predicateType !== PredicateType.scan);
  const scan = statements.find(({ predicateType }) => predicateType === PredicateType.scan);
  if (!sbom || manifest.kind !== 'manifest') return undefined;
  return {
    components: spdxComponents(sbom.predicate),
    size: [manifest.config, ...manifest.layers].reduce((sum, blob) => sum + blob.size, 0),
    findings: scan === undefined ? undefined : scanEvidenceOf(scan, digest).findings,
  };
}

async function publishedStatements(store: Store, subject: Digest, signal: AbortSignal): Promise<readonly Statement[]> {
  const referrers = await store.referrers(subject, undefined, { signal });
  // A signed statement exists only in its bundle. If there are several, the last one is from the newest push.
  const newest = new Map<string, Descriptor>();
  for (const one of referrers) {
    const type =
      one.annotations?.['dev.sigstore.bundle.predicateType'] ?? one.annotations?.['in-toto.io/predicate-type'] ?? '';
    if (LOOKED_AT.has(type)) newest.set(type, one);
  }
  return Promise.all(
    [...newest.values()].map(async (one) => {
      if (one.artifactType !== MediaType.bundle) {
        return parseStatement(await readContent(store, one, MAX_STATEMENT_BYTES));
      }
      return parseStatement(parseBundle(await readContent(store, one, MAX_BUNDLE_BYTES)).payload);
    }),
  );
}
