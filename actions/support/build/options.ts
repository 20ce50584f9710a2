import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import {
  type Annotations,
  assertAnnotated,
  badInput,
  type GitState,
  type Labels,
  type Platform,
  parsePlatform,
} from '@tidegate/core';
import { type BuildOptions, isGitContext, isGitFolder, undeclaredArgs } from '@tidegate/pipeline';
import type { Inputs, Job } from '@tidegate/runner';
import type { action } from '../../build-image/action.ts';
import { platformsOfNodes } from './builder-nodes.ts';
import { type ChosenConfig, mirrorsOf } from './buildkitd-config.ts';
import { buildCache } from './cache.ts';
import { chosenCache } from './cache-choice.ts';
import { compressionOf } from './compression.ts';
import { withContextArtifact } from './context-artifact.ts';
import { builderId, invocationId, sourceDateEpoch, sourceOf } from './origin.ts';
import { buildOutputsOf } from './outputs.ts';
import { assertOwnFrontend } from './own-frontend.ts';
import { secondBuild } from './second-build.ts';
import type { FirstBuildInputs } from './second-build-inputs.ts';
import { buildSecrets } from './secrets.ts';
import { assertSshPaths } from './ssh-paths.ts';
import { stepOptions } from './step-inputs.ts';

type BuildInputs = Omit<
  Inputs<typeof action>,
  | keyof FirstBuildInputs
  | 'destination'
  | 'layout'
  | 'tools'
  | 'tools-mirror'
  | 'policy-document'
  | 'policy-document-sha256'
  | 'tags'
  | 'token'
> &
  FirstBuildInputs;

/** The build stage's options from the action's inputs. Relative paths start from the workspace. */
export async function buildOptions(
  inputs: BuildInputs,
  job: Job,
  git: GitState,
  image: {
    readonly layout: string;
    readonly labels: Labels;
    readonly annotations: Annotations;
    /** The repositories that the image is published to, if known. */
    readonly destinations: readonly string[];
    /** Whether this run publishes the image, if it passes. */
    readonly isPublished: boolean;
    readonly buildkitd: ChosenConfig | undefined;
  },
): Promise<BuildOptions> {
  assertOwnFrontend(inputs['build-args']);
  const path = (text: string) => resolve(job.workspace, text);
  await assertSshPaths(inputs.ssh, job);
  const epoch = inputs['source-date-epoch'];
  if (epoch !== '' && epoch !== 'none' && !/^\d{1,12}$/.test(epoch)) {
    throw badInput(
      'input-format-wrong',
      'source-date-epoch',
      epoch,
      'seconds since 1970, or none',
      'Leave it out to use the time of the commit.',
    );
  }
  // BuildKit fails at this combination, so it is not set by default; an explicit value gets BuildKit's own error.
  const seconds = epoch === '' && isGitFolder(inputs.context) ? undefined : sourceDateEpoch(epoch, git);
  const asked = inputs.platforms.map((text) => parsePlatform(text));
  const platforms = asked.length > 0 ? asked : platformsOfNodes(inputs);
  assertAnnotated(image.annotations, platforms);
  const invocation = invocationId(job);
  const git_ = isGitContext(inputs.context);
  const localFile = inputs.file ? path(inputs.file) : join(path(inputs.context), 'Dockerfile');
  const dockerfile = git_ ? undefined : await textOf(localFile);
  tellUndeclared(inputs, job, dockerfile);
  const built = image.destinations[0] ?? [inputs.context, inputs.file, inputs.target].filter(Boolean).join(' ');
  const name = [built, inputs.name].filter(Boolean).join(' ');
  const cacheOf = (these: readonly Platform[]) =>
    buildCache(chosenCache(inputs, git, { ...image, platforms: these }), git, { image: name, platforms: these }, job);
  return {
    workspace: job.workspace,
    context: git_ ? inputs.context : path(inputs.context),
    shownContext: git_ ? undefined : relative(job.workspace, path(inputs.context)) || '.',
    // BuildKit finds the path inside a git context itself; otherwise it is a file of the workspace.
    file: inputs.file ? (git_ ? inputs.file : path(inputs.file)) : undefined,
    shownFile: git_ ? inputs.file || 'Dockerfile' : relative(job.workspace, localFile),
    target: inputs.target || undefined,
    platforms,
    buildArgs: inputs['build-args'],
    secrets: await buildSecrets(inputs, job, dockerfile),
    ssh: inputs.ssh,
    ...(await withContextArtifact(inputs, join(job.temp, 'tidegate', `artifact-${randomUUID()}`), job)),
    labels: Object.entries(image.labels),
    annotations: image.annotations,
    ...cacheOf(platforms),
    cacheOf: (platform) => cacheOf([platform]),
    noCache: inputs['no-cache'],
    pull: inputs.pull,
    network: inputs.network,
    allow: inputs.allow,
    mirrors: mirrorsOf(image.buildkitd),
    ulimit: inputs.ulimit,
    shmSize: inputs['shm-size'] || undefined,
    ...stepOptions(inputs, dockerfile),
    compression: compressionOf(inputs),
    retries: Number(inputs.retries),
    rewriteTimestamp: inputs['rewrite-timestamp'] && seconds !== undefined,
    sourceDateEpoch: seconds,
    second: await secondBuild(inputs, job),
    outputs: await buildOutputsOf(
      inputs.outputs,
      {
        dockerfile,
        platforms: platforms.length,
        layout: image.layout,
        hasNodes: inputs['builder-endpoints'].length > 0,
      },
      job,
    ),
    layout: image.layout,
    source: sourceOf(git),
    builderId: builderId(job),
    invocationId: invocation || undefined,
  };
}

/** The Dockerfile, if it is a readable file of this machine; the build itself reports errors in it. */
async function textOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile() || found.size > LARGEST_DOCKERFILE) return undefined;
  return readFile(path, 'utf8').catch(() => undefined);
}

/** Maximum size in bytes. */
const LARGEST_DOCKERFILE = 1024 * 1024;

/**
 * BuildKit silently ignores an argument without an ARG, for example a line of a multi-line value that was not quoted.
 */
function tellUndeclared(inputs: BuildInputs, job: Job, dockerfile: string | undefined): void {
  const names = inputs['build-args'].map(([name]) => name);
  const unused = dockerfile === undefined ? [] : undeclaredArgs(dockerfile, names);
  if (unused.length === 0) return;
  job.log.warning(
    `Input build-args: the Dockerfile has no ARG ${unused.join(', ')}. ` +
      'Quote a multi-line value together with its name ("KEY=line 1⏎line 2").',
  );
}
