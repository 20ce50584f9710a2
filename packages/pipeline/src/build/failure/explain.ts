import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { clipped, hasKind, TidegateError } from '@tidegate/core';
import { DockerfileError, type Instruction, parseDockerfile, type StagedDockerfile, stagesOf } from '@tidegate/source';
import { type BuildOptions, isGitContext } from '../options.ts';
import { contextOf } from './context.ts';
import {
  blankBase,
  cacheNotWritten,
  deniedPrivilege,
  notAllowed,
  syntaxError,
  targetMissing,
} from './dockerfile-causes.ts';
import type { Cause, Facts, Known } from './facts.ts';
import { downloadFailed, fileMissing, unreadable } from './file-causes.ts';
import { imageFailed } from './image-causes.ts';
import {
  commandMissing,
  foreignProgram,
  noProgram,
  optionalSecretMissing,
  outOfDisk,
  outOfMemory,
  programFailed,
  secretMissing,
  unreachable,
  userMissing,
} from './step-causes.ts';
import type { Step, Transcript } from './transcript.ts';

/** The first that applies wins: the specific causes come before the words of a program. */
const CAUSES: readonly Cause[] = [
  targetMissing,
  syntaxError,
  blankBase,
  notAllowed,
  cacheNotWritten,
  secretMissing,
  outOfDisk,
  imageFailed,
  fileMissing,
  downloadFailed,
  unreadable,
  userMissing,
  foreignProgram,
  noProgram,
  outOfMemory,
  optionalSecretMissing,
  unreachable,
  commandMissing,
  programFailed,
];

const KEYWORDS =
  /^(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)\b/i;
/** In bytes. BuildKit does not read longer Dockerfiles. */
const LONGEST_DOCKERFILE = 2 * 1024 * 1024;

type Options = Pick<BuildOptions, 'context' | 'file' | 'shownFile' | 'platforms' | 'target' | 'buildArgs'>;

/**
 * The error of a build, as a developer needs it: file, line and instruction, the cause or the program's own last words,
 * and the next step.
 * @param error the error of buildx
 * @param more `redact` removes secrets: the instruction is cut
 * @returns `error` itself if buildx was cancelled, timed out, or reported nothing
 */
export async function explainFailure(
  error: unknown,
  transcript: Transcript | undefined,
  options: Options,
  more: Pick<Facts, 'isNetworkApart' | 'diskUse'> & { readonly redact: (text: string) => string },
): Promise<unknown> {
  if (!hasKind(error, 'tool') || !transcript || /context canceled$/.test(transcript.reason)) return error;
  const isLocal = !isGitContext(options.context);
  const path = options.file ?? join(options.context, 'Dockerfile');
  const dockerfile = isLocal ? await readDockerfile(path, options) : undefined;
  const { step, excerpt, reason } = transcript;
  const named = step && bodyOf(step);
  const { redact, ...asked } = more;
  const clean = (text: string) => redact(joined(redact(text)));
  const found = excerpt ? undefined : instructionOf(dockerfile, named && clean(named), reason, clean);
  const written = excerpt?.text ?? found?.text;
  const line = excerpt?.line ?? found?.startLine;
  const shown = named !== undefined && KEYWORDS.test(named) ? named : (written ?? '');
  const facts: Facts = {
    reason,
    step,
    instruction: clean(written ?? shown),
    keyword: KEYWORDS.exec(shown)?.[0].toUpperCase() ?? '',
    image: step && imageOf(step),
    platform: platformOf(step, options),
    dockerfile,
    ...asked,
    ...contextOf(options, path, isLocal),
  };
  const file = options.shownFile ?? basename(path);
  const known = (await firstOf(CAUSES, facts)) ?? unknownCause(facts);
  const where = line === undefined ? file : `${file}:${line}`;
  const message =
    shown === '' ? `${where}: ${known.message}` : `${where} ${clipped(clean(shown), 60)}: ${known.message}`;
  return new TidegateError(known.id, message, {
    next: known.next,
    cause: error,
    place: line !== undefined && isLocal ? { file, line } : undefined,
  });
}

async function firstOf(causes: readonly Cause[], facts: Facts): Promise<Known | undefined> {
  for (const cause of causes) {
    const known = await cause(facts);
    if (known) return known;
  }
  return undefined;
}

function unknownCause({ reason }: Facts): Known {
  return {
    id: 'build-failed',
    message: `${clipped(joined(reason), 400).replace(/\.$/, '')}.`,
    next: 'All output of the build is in the log, in the group BuildKit.',
  };
}

async function readDockerfile(path: string, { buildArgs }: Options): Promise<StagedDockerfile | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (text === '' || text.length > LONGEST_DOCKERFILE) return undefined;
  try {
    return stagesOf(parseDockerfile(text), new Map(buildArgs));
  } catch (error) {
    if (error instanceof DockerfileError) return undefined;
    throw error;
  }
}

/** `[linux/arm64 build 3/7] RUN make` is `RUN make`. */
function bodyOf({ name }: Step): string {
  return name.replace(/^\[[^\]]*\] ?/, '');
}

/** BuildKit names the platform of a step if it builds for several. */
function platformOf(step: Step | undefined, { platforms }: Options): string | undefined {
  const [, platform] = /^\[(?:[\w/]+->)?([a-z0-9]+\/[\w/]+) /.exec(step?.name ?? '') ?? [];
  const [only, ...others] = platforms;
  if (platform !== undefined || only === undefined || others.length > 0) return platform;
  return [only.os, only.architecture, only.variant].filter((part) => part !== undefined).join('/');
}

function imageOf(step: Step): string | undefined {
  const prefix = IMAGE_STEPS.find((one) => step.name.startsWith(one));
  if (prefix !== undefined) return step.name.slice(prefix.length).split(' ', 1)[0];
  const body = bodyOf(step);
  return body.startsWith('FROM ') ? body.split(' ')[1] : undefined;
}

/** Steps that resolve an image: of FROM and COPY --from, of `# syntax=`, and a pull. */
const IMAGE_STEPS = [
  '[internal] load metadata for ',
  'resolve image config for docker-image://',
  'docker-image://',
] as const;

/** The instruction of an error that comes without an excerpt: of a download by ADD, or of a privilege. */
function instructionOf(
  dockerfile: StagedDockerfile | undefined,
  named: string | undefined,
  reason: string,
  clean: (text: string) => string,
): Instruction | undefined {
  const privilege = FLAGS.get(deniedPrivilege(reason) ?? '');
  if (privilege) return dockerfile?.instructions.find(({ flags }) => flags.includes(privilege));
  if (named === undefined || !KEYWORDS.test(named)) return undefined;
  return dockerfile?.instructions.find(({ text }) => clean(text) === named);
}

const FLAGS: ReadonlyMap<string, string> = new Map([
  ['network.host', '--network=host'],
  ['security.insecure', '--security=insecure'],
]);

/** In one line: continuations and runs of blanks become one blank. */
function joined(text: string): string {
  return text
    .replace(/[\\`] *\n/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
