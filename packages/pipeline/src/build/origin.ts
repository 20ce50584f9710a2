import { originDocument, readBuildSteps } from '@tidegate/attest';
import {
  type BaseImage,
  type BaseLine,
  baseImageOf,
  type Descriptor,
  type ImageOrigin,
  MediaType,
  originsOf,
} from '@tidegate/core';
import { type ImageLayout, readManifest } from '@tidegate/oci';
import { DockerfileError, parseDockerfile, type Stage, stagesOf } from '@tidegate/source';
import { attachLocal } from '../evidence/store.ts';

/** What a build was asked to make, as far as it decides which FROM the last stage stands on. */
export interface Asked {
  readonly target?: string | undefined;
  readonly buildArgs: readonly (readonly [key: string, value: string])[];
  /** The Dockerfile as a report names it: relative to the repository. */
  readonly dockerfile: string;
}

/**
 * Keep in the layout which instruction made which layer, as BuildKit tells it in this moment and never again.
 * What BuildKit does not tell is left out; a report then points at the image as a whole.
 */
export async function attachOrigin(
  layout: ImageLayout,
  subject: Descriptor,
  buildkit: unknown,
  asked: Asked,
): Promise<void> {
  const told = readBuildSteps(buildkit);
  const manifest = await readManifest(layout, subject);
  if (!told || manifest.kind !== 'manifest') return;
  const layers = manifest.layers.map(({ digest }) => digest);
  const origin: ImageOrigin = {
    file: asked.dockerfile,
    layers: originsOf(layers, told.steps, told.dockerfile, basesOf(told.dockerfile, asked)),
  };
  await attachLocal(layout, subject, originDocument(subject.digest, origin), MediaType.origin);
}

/** The base of the stage that is built; undefined where BuildKit does not tell. */
export async function baseOf(
  layout: ImageLayout,
  subject: Descriptor,
  buildkit: unknown,
  asked: Asked,
): Promise<BaseImage | undefined> {
  const told = readBuildSteps(buildkit);
  const manifest = await readManifest(layout, subject);
  if (!told || manifest.kind !== 'manifest') return undefined;
  const layers = manifest.layers.map(({ digest }) => digest);
  return baseImageOf(layers, told.steps, told.dockerfile, basesOf(told.dockerfile, asked));
}

/** The FROM that leads out of the file, from the stage that is built. */
function basesOf(dockerfile: string, asked: Asked): readonly BaseLine[] {
  try {
    const { stages } = stagesOf(parseDockerfile(dockerfile), new Map(asked.buildArgs));
    const wanted = asked.target?.toLowerCase();
    let stage: Stage | undefined =
      wanted === undefined ? stages.at(-1) : (stages.findLast(({ name }) => name === wanted) ?? stages[Number(wanted)]);
    while (stage?.parent) stage = stage.parent;
    return stage ? [{ image: stage.from.text, line: stage.instruction.startLine }] : [];
  } catch (error) {
    // A frontend of its own (`# syntax=`) may read what ours does not.
    if (error instanceof DockerfileError) return [];
    throw error;
  }
}

/** Fields that BuildKit leaves out of provenance in its `min` mode (solver/llbsolver/provenance): as it is published. */
const PRIVATE_ARGS = /^(build-arg|label):/;

/**
 * Provenance without what only the report needs: the Dockerfile's text, every command with its environment, the layers
 * of each step, build arguments and labels (which the statement has from the caller), and ids of secrets.
 */
export function asMinProvenance(buildkit: unknown): unknown {
  if (!isRecord(buildkit)) return buildkit;
  const { buildConfig: _, metadata, invocation, ...rest } = buildkit;
  return {
    ...rest,
    ...(isRecord(invocation)
      ? { invocation: { ...invocation, parameters: minParameters(invocation.parameters) } }
      : {}),
    ...(isRecord(metadata) ? { metadata: minMetadata(metadata) } : {}),
  };
}

function minParameters(parameters: unknown): unknown {
  if (!isRecord(parameters)) return parameters;
  const { secrets: _secrets, ssh: _ssh, args, root, ...rest } = parameters;
  return {
    ...rest,
    ...(isRecord(args) ? { args: withoutPrivate(args) } : {}),
    ...(isRecord(root) ? { root: { ...root, request: minParameters(root.request) } } : {}),
  };
}

function withoutPrivate(args: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(args).filter(([key]) => !PRIVATE_ARGS.test(key)));
}

const EXTENSION = 'https://mobyproject.org/buildkit@v1#metadata';

function minMetadata(metadata: Readonly<Record<string, unknown>>): unknown {
  const { [EXTENSION]: extension, completeness, ...rest } = metadata;
  const { source: _source, layers: _layers, ...kept } = isRecord(extension) ? extension : {};
  return {
    ...rest,
    ...(isRecord(completeness) ? { completeness: { ...completeness, parameters: false } } : {}),
    ...(Object.keys(kept).length > 0 ? { [EXTENSION]: kept } : {}),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
