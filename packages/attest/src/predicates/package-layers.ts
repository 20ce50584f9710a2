import { type Digest, isDigest, packageKey } from '@tidegate/core';
import * as v from 'valibot';
import { shaped } from '../statement/shape.ts';

const Location = v.looseObject({
  path: v.string(),
  layerID: v.optional(v.string()),
  annotations: v.optional(v.looseObject({ evidence: v.optional(v.string()) })),
});
const Syft = v.looseObject({
  artifacts: v.array(
    v.looseObject({
      name: v.string(),
      version: v.optional(v.string(), ''),
      type: v.string(),
      locations: v.optional(v.nullable(v.array(Location))),
      metadata: v.optional(v.nullable(v.unknown())),
    }),
  ),
  files: v.optional(
    v.nullable(
      v.array(v.looseObject({ location: v.looseObject({ path: v.string(), layerID: v.optional(v.string()) }) })),
    ),
  ),
});
const Owned = v.looseObject({ files: v.array(v.looseObject({ path: v.string() })) });

/**
 * Lists of all packages of a system: each installation rewrites the file, so its layer is that of the last
 * installation.
 */
const SHARED =
  /^\/(var\/lib\/dpkg\/status|(usr\/)?lib\/apk\/db\/installed|(var\/lib\/rpm|usr\/lib\/sysimage\/rpm)\/[^/]+)$/;

/**
 * The layer that added each package, by `packageKey`: the diff_id of the layer with the package's own files. dpkg, apk
 * and rpm keep one list for all packages, which is in the layer that changed it last. The origin is given by a
 * package's own record (`info/NAME.list`) or, without one, by the files it owns.
 * @param document a syft-json document, parsed
 * @throws TidegateError `evidence` when it is not such a document
 */
export function layersOfPackages(document: unknown): ReadonlyMap<string, Digest> {
  const { artifacts, files } = shaped(Syft, document, 'The syft-json document');
  let byPath: Map<string, string> | undefined;
  const layerOf = (path: string) => {
    byPath ??= new Map((files ?? []).map(({ location }) => [location.path, location.layerID ?? '']));
    return byPath.get(path);
  };
  const layers = new Map<string, Digest>();
  for (const { name, version, type, locations, metadata } of artifacts) {
    const all = locations ?? [];
    const own = all.filter(({ path }) => !SHARED.test(path));
    const record = own.find(({ path }) => path.startsWith('/var/lib/dpkg/info/')) ?? own.find(isPrimary) ?? own[0];
    const layer = record?.layerID ?? mostOf(ownedBy(metadata), layerOf) ?? all[0]?.layerID;
    if (isDigest(layer)) layers.set(packageKey({ name, version, type }), layer);
  }
  return layers;
}

function isPrimary({ annotations }: v.InferOutput<typeof Location>): boolean {
  return annotations?.evidence === 'primary';
}

function ownedBy(metadata: unknown): readonly string[] {
  const owned = v.safeParse(Owned, metadata);
  return owned.success ? owned.output.files.map(({ path }) => path) : [];
}

/** The layer with most of a package's files: a file that was changed later does not give the origin of the others. */
function mostOf(paths: readonly string[], layerOf: (path: string) => string | undefined): string | undefined {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const layer = layerOf(path);
    if (layer) counts.set(layer, (counts.get(layer) ?? 0) + 1);
  }
  return [...counts].toSorted((a, b) => b[1] - a[1])[0]?.[0];
}

interface Listed {
  readonly name: string;
  readonly version: string;
  readonly properties: readonly { readonly name: string; readonly value: string }[];
}

const LOCATION = 'syft:location:';

/**
 * The same from the components of a CycloneDX document, which lists paths and layers, but no owned files: a package that
 * is only in the list of all packages has no entry.
 */
export function layersOfComponents(components: readonly Listed[]): ReadonlyMap<string, Digest> {
  const layers = new Map<string, Digest>();
  for (const { name, version, properties } of components) {
    const of = new Map(properties.map((one) => [one.name, one.value]));
    const type = of.get('syft:package:type');
    const own = properties.flatMap((one): { path: string; layerID: string | undefined }[] => {
      if (!one.name.startsWith(LOCATION) || !one.name.endsWith(':path') || SHARED.test(one.value)) return [];
      return [{ path: one.value, layerID: of.get(one.name.replace(/path$/, 'layerID')) }];
    });
    const record = own.find(({ path }) => path.startsWith('/var/lib/dpkg/info/')) ?? own[0];
    const layer = record?.layerID;
    if (type !== undefined && isDigest(layer)) layers.set(packageKey({ name, version, type }), layer);
  }
  return layers;
}
