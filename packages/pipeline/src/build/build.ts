import { rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { provenanceStatement, readBuildSteps } from '@tidegate/attest';
import { type BaseImage, type Descriptor, mapLimited, type Platform, TidegateError, together } from '@tidegate/core';
import { type Tool, temporaryFolder } from '@tidegate/tools';
import { attachStatement } from '../evidence/store.ts';
import { type Expected, readingAs } from '../evidence/tool-document.ts';
import { keepRebuild } from '../reproduce/keep.ts';
import { compareWith, rebuild, unusedCacheMounts } from '../reproduce/rebuild.ts';
import type { Services } from '../services.ts';
import { keepOutputs } from '../sign/sign-outputs.ts';
import { openTarget, type Target } from '../target.ts';
import { labelsOfBase, mentionsBase, recordBase } from './base.ts';
import type { BuildReport } from './build-report.ts';
import type { Builder } from './builder.ts';
import { buildxCall } from './buildx-argv.ts';
import { contextPath } from './context-path.ts';
import { forgetBuilds } from './engine.ts';
import { assertCanRun } from './foreign-platform.ts';
import { assertNoLfsPointers } from './lfs.ts';
import { buildkitOf, type Metadata, otherwise, readMetadata } from './metadata.ts';
import { buildOnNodes } from './nodes/build-on-nodes.ts';
import { type BuildOptions, isGitContext } from './options.ts';
import { type Asked, asMinProvenance, attachOrigin, baseOf } from './origin.ts';
import { type BuildRun, byproductsOf, type ExportedOutput, exportOutputs, placeOutputs, stagesFor } from './outputs.ts';
import { buildParameters } from './parameters.ts';
import { solve } from './solve.ts';

const LAYOUT: Expected = { tool: 'BuildKit', what: 'an image layout', otherwise };

/**
 * Build a Dockerfile into an image layout and store the provenance in it.
 * The layout appears complete or not at all: BuildKit writes to a temporary folder next to it, which is then renamed.
 * @throws TidegateError `bad-input` for a context or Dockerfile that does not exist, `tool` when BuildKit fails.
 */
export async function build(
  options: BuildOptions,
  builder: (services: Services) => Promise<Builder>,
  services: Services,
): Promise<Target & BuildReport> {
  await checkContext(options);
  await assertNoLfsPointers(options);
  // Await both together: if buildx is unavailable, a daemon that is still starting must not be left running.
  const [buildx, engine] = await together<[Tool, Builder]>(services.signal, (signal) => [
    services.tools.get('buildx'),
    builder({ ...services, signal }),
  ]);
  const { nodes, dispose } = engine;
  const buildOne = (one: BuildOptions, on: Builder, inner: Services) => buildOn(one, on, buildx, inner);
  try {
    if (nodes === undefined) return await buildOne(options, engine, services);
    return await buildOnNodes(options, { ...engine, nodes }, buildOne, services);
  } finally {
    await dispose?.();
  }
}

/** Build on one builder. */
async function buildOn(
  options: BuildOptions,
  engine: Builder,
  buildx: Tool,
  services: Services,
): Promise<Target & BuildReport> {
  await assertCanRun(options, engine, buildx.path, services);
  const work = await temporaryFolder(dirname(options.layout), '.build-');
  try {
    const output = join(work, 'layout');
    const metadata = join(work, 'metadata.json');
    const context = isGitContext(options.context) ? options.context : await contextPath(options.context, work);
    const startedOn = services.clock();
    const { second } = options;
    const cacheMounts = second?.first ? unusedCacheMounts(startedOn) : engine.cacheMounts || undefined;
    const call = buildxCall({ ...options, context }, { builder: engine.name, output, metadata, cacheMounts });
    const steps = await solve(call, options, { program: buildx.path, engine, output }, services);
    const described = await readMetadata(metadata);
    if (!(await stat(output).catch(() => undefined))?.isDirectory()) {
      throw new TidegateError('build-output-missing', `BuildKit exited 0 but wrote no image layout: ${otherwise}.`, {
        next: 'Run again. If it still fails, report it with the version of BuildKit.',
      });
    }
    await rm(join(output, 'ingest'), { recursive: true, force: true });
    await rename(output, options.layout);
    const target = await readingAs(LAYOUT, () => openTarget(options.layout));
    if (target.image.root.digest !== described.digest) {
      throw new TidegateError(
        'build-digest-wrong',
        `BuildKit reports ${described.digest}, but its layout contains ${target.image.root.digest}: ${otherwise}.`,
        { next: 'Run again. If it still fails, report it with the version of BuildKit.' },
      );
    }
    const provenanceOf = (platform: Platform) => buildkitOf(described, platform);
    const own = { program: buildx.path, engine, work, provenanceOf, asked: askedOf(options) };
    const again = second && !second.first ? await rebuild(target, { ...options, context }, own, services) : undefined;
    const based = await withBase(target, described, options);
    const rebuilt = second?.first
      ? await compareWith(second.first, based, options, { ...own, startedOn }, services)
      : again;
    const programs = [await buildx.program, ...(engine.program ? [engine.program] : [])];
    const runNetwork = options.network === 'default' ? (engine.runNetwork ?? 'unknown') : options.network;
    const run = { startedOn, programs, runNetwork };
    const ran = { program: buildx.path, engine, work, platforms: based.image.platforms, run };
    const exported = await exportOutputs({ ...options, context }, ran, services);
    await attachProvenance(based, described, options, { ...run, exported }, services);
    await keepOutputs(based, exported);
    if (rebuilt) await keepRebuild(based, rebuilt, options);
    await placeOutputs(exported);
    return { ...based, steps, rebuilt, exported };
  } catch (error) {
    await rm(options.layout, { recursive: true, force: true });
    throw error;
  } finally {
    await Promise.all([rm(work, { recursive: true, force: true }), forgetBuilds(engine)]);
  }
}

async function checkContext(options: BuildOptions): Promise<void> {
  const { context } = options;
  if (isGitContext(context)) return;
  const folder = await stat(context).catch(() => undefined);
  if (!folder?.isDirectory()) {
    throw new TidegateError(
      'context-missing',
      `Input context: got ${JSON.stringify(context)}, which is not a folder.`,
      {
        next: 'Check out the repository first, or set the path of a folder or a git URL.',
      },
    );
  }
  const file = options.file ?? join(context, 'Dockerfile');
  if (!(await stat(file).catch(() => undefined))?.isFile()) {
    throw new TidegateError(
      'dockerfile-missing',
      `Input file: there is no Dockerfile at ${JSON.stringify(resolve(file))}.`,
      {
        next: 'Set its path, relative to the workspace, in the input file.',
      },
    );
  }
}

function askedOf(options: BuildOptions): Asked {
  const { target, buildArgs, shownFile: dockerfile = options.file ?? 'Dockerfile' } = options;
  return { target: target || undefined, buildArgs, dockerfile };
}

/** Record the base in the image. After this its digests are final. */
async function withBase({ layout, image }: Target, metadata: Metadata, options: BuildOptions): Promise<Target> {
  const bases = new Map<string, BaseImage>();
  const own = labelsOfBase(options);
  let labelled = own === 'own';
  for (const { platform, descriptor } of own === 'silent' ? [] : image.platforms) {
    const buildkit = buildkitOf(metadata, platform);
    const base = await baseOf(layout, descriptor, buildkit, askedOf(options));
    if (base) bases.set(descriptor.digest, base);
    labelled ||= mentionsBase(readBuildSteps(buildkit)?.dockerfile ?? '');
  }
  await recordBase(layout, image, { bases, labelled });
  return openTarget(options.layout);
}

/** Attach one statement to each platform's manifest, and one to the index that lists them. */
async function attachProvenance(
  target: Target,
  metadata: Metadata,
  options: BuildOptions,
  { exported, ...run }: BuildRun & { readonly exported: readonly ExportedOutput[] },
  services: Services,
): Promise<void> {
  const { image } = target;
  const finishedOn = services.clock();
  const attach = async (subject: Descriptor, platform: Platform) => {
    const buildkit = buildkitOf(metadata, platform);
    const statement = provenanceStatement([{ digest: subject.digest }], asMinProvenance(buildkit), {
      builderId: options.builderId,
      ...run,
      finishedOn,
      parameters: buildParameters(options, readBuildSteps(buildkit)?.dockerfile ?? ''),
      invocationId: options.invocationId || undefined,
      source: options.source,
      artifact: options.artifact,
      byproducts: byproductsOf(exported),
      stages: stagesFor(exported, platform).map(asMinProvenance),
    });
    await attachStatement(target, subject, statement);
  };
  const asked = askedOf(options);
  const [first] = image.platforms;
  const work = [
    ...image.platforms.flatMap(({ platform, descriptor }) => [
      () => attach(descriptor, platform),
      () => attachOrigin(target.layout, descriptor, buildkitOf(metadata, platform), asked),
    ]),
    ...(first && first.descriptor.digest !== image.root.digest ? [() => attach(image.root, first.platform)] : []),
  ];
  // Concurrently, so that the layout writes its index once for many statements.
  await mapLimited(work, work.length, (one) => one());
}
