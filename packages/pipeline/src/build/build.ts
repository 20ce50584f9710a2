import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type ProvenanceOptions, provenanceStatement, readBuildSteps } from '@tidegate/attest';
import {
  type BaseImage,
  type Descriptor,
  formatPlatform,
  mapLimited,
  type Platform,
  parseDigest,
  TidegateError,
  together,
} from '@tidegate/core';
import type { Tool } from '@tidegate/tools';
import { attachStatement } from '../evidence/store.ts';
import { type Expected, readAs, readingAs, readLeft } from '../evidence/tool-document.ts';
import type { Services } from '../services.ts';
import { openTarget, type Target } from '../target.ts';
import { labelsOfBase, mentionsBase, recordBase } from './base.ts';
import { buildxCall } from './buildx-argv.ts';
import { contextPath } from './context-path.ts';
import { type Builder, forgetBuilds } from './engine.ts';
import { diskUse } from './failure/disk-use.ts';
import { explainFailure } from './failure/explain.ts';
import { TranscriptReader } from './failure/transcript.ts';
import { assertCanRun } from './foreign-platform.ts';
import { assertNoLfsPointers } from './lfs.ts';
import { type BuildOptions, isGitContext } from './options.ts';
import { type Asked, asMinProvenance, attachOrigin, baseOf } from './origin.ts';
import { buildParameters } from './parameters.ts';

/** Four hours, in milliseconds. A build that still runs after that has hung. */
const TIMEOUT = 4 * 3600_000;
/** In bytes. Provenance in `max` mode contains the Dockerfile and every step, once per platform. */
const MAX_METADATA_BYTES = 64 * 1024 * 1024;
const otherwise = 'the build is not trusted';
const METADATA: Expected = { tool: 'BuildKit', what: 'metadata', otherwise };
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
): Promise<Target> {
  await checkContext(options);
  await assertNoLfsPointers(options);
  // Await both together: if buildx is unavailable, a daemon that is still starting must not be left running.
  const [buildx, engine] = await together<[Tool, Builder]>(services.signal, (signal) => [
    services.tools.get('buildx'),
    builder({ ...services, signal }),
  ]);
  await assertCanRun(options, engine, buildx.path, services);
  const work = await mkdtemp(join(dirname(options.layout), '.build-'));
  try {
    const output = join(work, 'layout');
    const metadata = join(work, 'metadata.json');
    const context = isGitContext(options.context) ? options.context : await contextPath(options.context, work);
    const { name, cacheMounts } = engine;
    const at = { builder: name, output, metadata, cacheMounts: cacheMounts || undefined };
    const call = buildxCall({ ...options, context }, at);
    const child = await services.children.create({
      cwd: options.workspace,
      login: 'buildx',
      set: { ...engine.env, ...call.env },
    });
    const startedOn = services.clock();
    const reader = new TranscriptReader((text) => services.log.redact(text));
    await services.log
      .group('BuildKit', (log) =>
        services.run(buildx.path, call.argv, {
          context: child,
          timeout: TIMEOUT,
          signal: services.signal,
          onLine: (line) => {
            reader.read(line);
            log.info(line);
          },
        }),
      )
      .catch(async (error: unknown) => {
        throw await explainFailure(error, reader.transcript(), options, {
          isNetworkApart: isNetworkApart(engine, options),
          redact: (text) => services.log.redact(text),
          diskUse: () => diskUse(engine, buildx.path, services),
        });
      });
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
    const built = await withBase(target, described, options);
    const programs = [await buildx.program, ...(engine.program ? [engine.program] : [])];
    const runNetwork = options.network === 'default' ? (engine.runNetwork ?? 'unknown') : options.network;
    await attachProvenance(built, described, options, { startedOn, programs, runNetwork }, services);
    return built;
  } catch (error) {
    await rm(options.layout, { recursive: true, force: true });
    throw error;
  } finally {
    await Promise.all([rm(work, { recursive: true, force: true }), forgetBuilds(engine)]);
  }
}

/** Whether a RUN step has a network in which 127.0.0.1 is not the runner's. */
function isNetworkApart({ runNetwork }: Builder, { network }: BuildOptions): boolean {
  return (runNetwork === 'bridge' || runNetwork === 'slirp') && network === 'default';
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

type Metadata = {
  readonly digest: string;
  readonly provenance: ReadonlyMap<string, unknown>;
};

async function readMetadata(file: string): Promise<Metadata> {
  const bytes = await readLeft(file, METADATA, MAX_METADATA_BYTES);
  return readAs(METADATA, () => metadataOf(parsed(bytes)));
}

function parsed(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw new TidegateError('build-provenance-missing', 'It is not JSON.', { cause });
  }
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new TidegateError('build-provenance-missing', 'It is not an object.');
}

function metadataOf(record: Record<string, unknown>): Metadata {
  const provenance = new Map<string, unknown>();
  for (const [key, value] of Object.entries(record)) {
    const [name, ...platform] = key.split('/');
    if (name === 'buildx.build.provenance') provenance.set(platform.join('/'), value);
  }
  return {
    digest: parseDigest(record['containerimage.digest'], "BuildKit's containerimage.digest"),
    provenance,
  };
}

function buildkitOf(metadata: Metadata, platform: Platform): unknown {
  const name = formatPlatform(platform);
  const buildkit = metadata.provenance.get(name) ?? metadata.provenance.get('');
  if (buildkit !== undefined) return buildkit;
  throw new TidegateError('build-provenance-missing', `BuildKit wrote no provenance for ${name}.`, {
    next: 'Use BuildKit 0.11 or newer.',
  });
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
  run: Pick<ProvenanceOptions, 'startedOn' | 'programs' | 'runNetwork'>,
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
