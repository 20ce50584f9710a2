import { lstat, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type ProvenanceOptions,
  provenanceStatement,
  readBuildSteps,
  type StatementBytes,
  type Subject,
} from '@tidegate/attest';
import { formatPlatform, type Image, type Platform, TidegateError } from '@tidegate/core';
import type { Services } from '../services.ts';
import type { Builder } from './builder.ts';
import { buildxCall } from './buildx-argv.ts';
import { filesIn, move } from './exported-files.ts';
import { buildkitOf, readFileMetadata } from './metadata.ts';
import type { BuildOptions, BuildOutput } from './options.ts';
import { asMinProvenance } from './origin.ts';
import { buildParameters } from './parameters.ts';
import { solve } from './solve.ts';

export type BuildRun = Pick<ProvenanceOptions, 'startedOn' | 'programs' | 'runNetwork'>;

/** Files of one platform, or of all of them in an archive. */
interface ExportedPart {
  /** Name of the statement's file, and of its bundle: `binaries`, `binaries.linux_arm64`. */
  readonly name: string;
  readonly platform: Platform;
  /** Paths relative to the output, with digests. */
  readonly files: readonly Subject[];
  /** BuildKit's provenance of the stage. */
  readonly buildkit: unknown;
  /** Provenance of the files. */
  readonly made: StatementBytes;
}

export interface ExportedOutput {
  readonly output: BuildOutput;
  /** A folder or an archive that is removed after the build, unless it is moved into its place. */
  readonly from: string;
  readonly parts: readonly ExportedPart[];
}

/** How the image was built. */
interface ImageBuild {
  readonly program: string;
  readonly engine: Builder;
  /** A folder that is removed after the build. */
  readonly work: string;
  readonly platforms: Image['platforms'];
  readonly run: BuildRun;
}

/**
 * Export stages as files: by the same builder, from the same commit, with the same arguments, secrets and privileges as
 * the image. Nothing is in its place yet: the context of the next stage may contain the place.
 */
export async function exportOutputs(
  options: BuildOptions,
  build: ImageBuild,
  services: Services,
): Promise<readonly ExportedOutput[]> {
  const exported: ExportedOutput[] = [];
  for (const [at, output] of (options.outputs ?? []).entries()) {
    exported.push(await exportOutput(optionsOf(options, output), output, `output-${at}`, build, services));
  }
  return exported;
}

/** The image's caches are read and never written: the image's steps would be missing in what a stage writes. */
function optionsOf(options: BuildOptions, { target }: BuildOutput): BuildOptions {
  const annotations = { entries: [], wantsIndex: false };
  return { ...options, target, labels: [], annotations, cacheTo: [], compression: undefined, rewriteTimestamp: false };
}

async function exportOutput(
  options: BuildOptions,
  output: BuildOutput,
  folder: string,
  { program, engine, work, platforms, run }: ImageBuild,
  services: Services,
): Promise<ExportedOutput> {
  const { name: builder, cacheMounts } = engine;
  const from = join(work, folder);
  const metadata = join(work, `${folder}.json`);
  services.log.info(`Export the stage ${output.target} to ${output.shown}.`);
  const call = buildxCall(options, { builder, output: from, type: output.type, metadata, cacheMounts });
  await solve(call, options, { program, engine, output: from }, services);
  const described = await readFileMetadata(metadata);
  const isSplit = output.type === 'local' && platforms.length > 1;
  const parts: ExportedPart[] = [];
  for (const { platform } of isSplit ? platforms : platforms.slice(0, 1)) {
    const slug = formatPlatform(platform).replaceAll('/', '_');
    const name = isSplit ? `${output.name}.${slug}` : output.name;
    if (output.type === 'local') await assertNameFree(from, name);
    const files = await filesOf(output, from, isSplit ? slug : '');
    const buildkit = buildkitOf(described, platform);
    const made = provenanceStatement(files, asMinProvenance(buildkit), {
      builderId: options.builderId,
      ...run,
      finishedOn: services.clock(),
      parameters: buildParameters(options, readBuildSteps(buildkit)?.dockerfile ?? ''),
      invocationId: options.invocationId || undefined,
      source: options.source,
      artifact: options.artifact,
    });
    parts.push({ name, platform, files, buildkit, made });
  }
  return { output, from, parts };
}

async function assertNameFree(from: string, name: string): Promise<void> {
  for (const suffix of ['intoto.json', 'sigstore.json']) {
    if (!(await lstat(join(from, `${name}.${suffix}`)).catch(() => undefined))) continue;
    throw new TidegateError(
      'build-output-unusable',
      `The output of the build contains ${name}.${suffix}, the name of the file with its provenance.`,
      { next: 'Rename the file in the stage.' },
    );
  }
}

/** The statement may have this many subjects: see parseStatement. */
const MOST_FILES = 1024;

async function filesOf(
  { target, type, fileName }: BuildOutput,
  from: string,
  folder: string,
): Promise<readonly Subject[]> {
  const found = await filesIn(from, type === 'tar' ? undefined : folder, fileName);
  if (found.length > 0 && found.length <= MOST_FILES) return found;
  throw new TidegateError(
    'build-output-unusable',
    `The stage ${target} has ${found.length === 0 ? 'no file' : `${found.length} files; the maximum is ${MOST_FILES}`}.`,
    { next: 'Copy only the files that you publish into a stage FROM scratch, or use type=tar.' },
  );
}

/** Move everything into its place, each with its provenance beside it. */
export async function placeOutputs(exported: readonly ExportedOutput[]): Promise<void> {
  for (const { output, from, parts } of exported) {
    const { dest } = output;
    await mkdir(dirname(dest), { recursive: true });
    await move(from, dest);
    for (const { name, made } of parts)
      await writeFile(besideOutput(output, name, 'intoto.json'), made.bytes, { flag: 'wx' });
  }
}

/** The place of the bundle of a part's provenance. */
export function bundleBeside(exported: readonly ExportedOutput[], name: string): string {
  const of = exported.find(({ parts }) => parts.some((part) => part.name === name));
  if (of) return besideOutput(of.output, name, 'sigstore.json');
  throw new TidegateError(
    'build-output-unusable',
    `The layout names the output ${name}, which this build did not write.`,
  );
}

/** `out/binaries.intoto.json` for the folder `out`; `out/app.tar.intoto.json` for an archive. */
function besideOutput({ type, dest }: Pick<BuildOutput, 'type' | 'dest'>, name: string, suffix: string): string {
  return type === 'tar' ? `${dest}.${suffix}` : join(dest, `${name}.${suffix}`);
}

/** Files of all outputs for the provenance of the image, by their paths in the workspace. */
export function byproductsOf(exported: readonly ExportedOutput[]): readonly Subject[] {
  return exported.flatMap(({ output, parts }) =>
    parts.flatMap(({ files }) =>
      files.map(({ name, digest }) => ({
        name: output.type === 'tar' ? output.shown : `${output.shown}/${name}`,
        digest,
      })),
    ),
  );
}

/** BuildKit's provenance of the stages that were exported for a platform. */
export function stagesFor(exported: readonly ExportedOutput[], platform: Platform): readonly unknown[] {
  const name = formatPlatform(platform);
  return exported.flatMap(({ parts }) =>
    parts
      .filter((part) => parts.length === 1 || formatPlatform(part.platform) === name)
      .map(({ buildkit }) => buildkit),
  );
}
