import { type BuildStep, groupBy, isDigest } from '@tidegate/core';
import * as v from 'valibot';

/** A builder's record of each step: BuildKit's provenance in `max` mode. */
export interface BuildSteps {
  /** The Dockerfile that was built, as read by BuildKit. */
  readonly dockerfile: string;
  readonly steps: readonly BuildStep[];
}

const Range = v.looseObject({
  start: v.optional(v.looseObject({ line: v.optional(v.number(), 0) })),
  end: v.optional(v.looseObject({ line: v.optional(v.number(), 0) })),
});
const Metadata = v.looseObject({
  source: v.looseObject({
    locations: v.record(
      v.string(),
      v.looseObject({
        locations: v.optional(
          v.array(v.looseObject({ sourceIndex: v.optional(v.number(), 0), ranges: v.optional(v.array(Range), []) })),
          [],
        ),
      }),
    ),
    infos: v.array(v.looseObject({ data: v.optional(v.string(), '') })),
  }),
  layers: v.optional(v.record(v.string(), v.array(v.array(v.looseObject({ digest: v.string() })))), {}),
});
const Provenance = v.looseObject({
  buildConfig: v.looseObject({
    llbDefinition: v.array(
      v.looseObject({
        id: v.string(),
        op: v.optional(
          v.looseObject({
            Op: v.optional(v.looseObject({ source: v.optional(v.looseObject({ identifier: v.string() })) })),
          }),
        ),
      }),
    ),
  }),
  metadata: v.looseObject({ 'https://mobyproject.org/buildkit@v1#metadata': Metadata }),
});

const MOST_LINES = 100_000;

/**
 * Read steps, their lines and layers from BuildKit's provenance (docs/attestations/slsa-definitions.md). Only source
 * locations in reports depend on it, so an unknown shape gives undefined and not an error: other builders record no
 * steps.
 * @param buildkit `buildx.build.provenance` of the metadata file, of one platform
 */
export function readBuildSteps(buildkit: unknown): BuildSteps | undefined {
  const read = v.safeParse(Provenance, buildkit);
  if (!read.success) return undefined;
  const { source, layers } = read.output.metadata['https://mobyproject.org/buildkit@v1#metadata'];
  // Each key is a step's id and the number of its output.
  const layersOf = groupBy(Object.entries(layers), ([key]) => key.slice(0, key.lastIndexOf(':')));
  const steps = read.output.buildConfig.llbDefinition.map(({ id, op }): BuildStep => {
    // A frontend that combines several files numbers them; the first is the Dockerfile.
    const places = source.locations[id]?.locations.filter(({ sourceIndex }) => sourceIndex === 0) ?? [];
    const lines = places.flatMap(({ ranges }) => ranges.flatMap(linesOf)).slice(0, MOST_LINES);
    const chains = (layersOf.get(id) ?? []).flatMap(([, all]) =>
      all.map((chain) => chain.flatMap(({ digest }) => (isDigest(digest) ? [digest] : []))),
    );
    const image = imageOf(op?.Op?.source?.identifier ?? '');
    return { lines, chains, image };
  });
  return { dockerfile: Buffer.from(source.infos[0]?.data ?? '', 'base64').toString('utf8'), steps };
}

function linesOf({ start, end }: v.InferOutput<typeof Range>): readonly number[] {
  const from = start?.line ?? 0;
  return [from, end?.line ?? from].filter((line) => Number.isSafeInteger(line) && line > 0);
}

/** `docker-image://docker.io/library/debian:12@sha256:…`, or `oci-layout://…` if a context replaces it. */
function imageOf(identifier: string): BuildStep['image'] {
  const [, scheme, reference] = /^(docker-image|oci-layout):\/\/(.+)$/.exec(identifier) ?? [];
  if (reference === undefined) return undefined;
  const [name = '', digest] = reference.split('@');
  return {
    name,
    digest: isDigest(digest) ? digest : undefined,
    local: scheme === 'oci-layout' ? (true as const) : undefined,
  };
}
