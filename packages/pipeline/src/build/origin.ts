import { originDocument, readBuildSteps } from '@tidegate/attest';
import {
  type BaseImage,
  type BaseLine,
  baseImageOf,
  type Descriptor,
  defined,
  type ImageOrigin,
  isRecord,
  MediaType,
  originsOf,
} from '@tidegate/core';
import { type ImageLayout, readManifest } from '@tidegate/oci';
import { DockerfileError, parseDockerfile, type Stage, stagesOf } from '@tidegate/source';
import { attachLocal } from '../evidence/store.ts';

/** The parameters of a build that determine the FROM of its last stage. */
export interface Asked {
  readonly target?: string | undefined;
  readonly buildArgs: readonly (readonly [key: string, value: string])[];
  /** Name of the Dockerfile in reports: relative to the repository. */
  readonly dockerfile: string;
}

/**
 * Store in the layout which instruction created which layer. BuildKit reports this only during the build. Missing
 * information is omitted; a report then refers to the image as a whole.
 */
export async function attachOrigin(
  layout: ImageLayout,
  subject: Descriptor,
  buildkit: unknown,
  asked: Asked,
): Promise<void> {
  const origin = await originOf(layout, subject, buildkit, asked);
  if (origin) await attachLocal(layout, subject, originDocument(subject.digest, origin), MediaType.origin);
}

/** Which instruction created which layer; undefined if BuildKit does not report it. */
export async function originOf(
  layout: ImageLayout,
  subject: Descriptor,
  buildkit: unknown,
  asked: Asked,
): Promise<ImageOrigin | undefined> {
  const told = readBuildSteps(buildkit);
  const manifest = await readManifest(layout, subject);
  if (!told || manifest.kind !== 'manifest') return undefined;
  const layers = manifest.layers.map(({ digest }) => digest);
  return {
    file: asked.dockerfile,
    layers: originsOf(layers, told.steps, told.dockerfile, basesOf(told.dockerfile, asked)),
  };
}

/** The base image of the stage that is built; undefined if BuildKit does not report it. */
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

/** The FROM with an external image that the built stage is based on. */
function basesOf(dockerfile: string, asked: Asked): readonly BaseLine[] {
  try {
    const { stages } = stagesOf(parseDockerfile(dockerfile), new Map(asked.buildArgs));
    const wanted = asked.target?.toLowerCase();
    let stage: Stage | undefined =
      wanted === undefined ? stages.at(-1) : (stages.findLast(({ name }) => name === wanted) ?? stages[Number(wanted)]);
    while (stage?.parent) stage = stage.parent;
    return stage ? [{ image: stage.from.text, line: stage.instruction.startLine }] : [];
  } catch (error) {
    // A custom frontend (`# syntax=`) may support syntax that our parser does not.
    if (error instanceof DockerfileError) return [];
    throw error;
  }
}

/**
 * Arguments that BuildKit omits from provenance in its `min` mode (solver/llbsolver/provenance), which is what is
 * published.
 */
const PRIVATE_ARGS = /^(build-arg|label):/;

/**
 * Remove the parts of provenance that only reports need: the Dockerfile's text, every command with its environment, the
 * layers of each step, build arguments and labels (the statement gets them from the caller), and ids of secrets.
 */
export function asMinProvenance(buildkit: unknown): unknown {
  if (!isRecord(buildkit)) return buildkit;
  const { buildConfig: _, metadata, invocation, ...rest } = buildkit;
  return defined({
    ...rest,
    invocation: isRecord(invocation) ? { ...invocation, parameters: minParameters(invocation.parameters) } : undefined,
    metadata: isRecord(metadata) ? minMetadata(metadata) : undefined,
  });
}

function minParameters(parameters: unknown): unknown {
  if (!isRecord(parameters)) return parameters;
  const { secrets: _secrets, ssh: _ssh, args, root, ...rest } = parameters;
  return defined({
    ...rest,
    args: isRecord(args) ? withoutPrivate(args) : undefined,
    root: isRecord(root) ? { ...root, request: minParameters(root.request) } : undefined,
  });
}

function withoutPrivate(args: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(args).filter(([key]) => !PRIVATE_ARGS.test(key)));
}

const EXTENSION = 'https://mobyproject.org/buildkit@v1#metadata';

function minMetadata(metadata: Readonly<Record<string, unknown>>): unknown {
  const { [EXTENSION]: extension, completeness, ...rest } = metadata;
  const { source: _source, layers: _layers, ...kept } = isRecord(extension) ? extension : {};
  return defined({
    ...rest,
    completeness: isRecord(completeness) ? { ...completeness, parameters: false } : undefined,
    [EXTENSION]: Object.keys(kept).length > 0 ? kept : undefined,
  });
}
