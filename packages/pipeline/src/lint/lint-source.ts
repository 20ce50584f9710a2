import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { counted, mapLimited, TidegateError } from '@tidegate/core';
import {
  declaredMounts,
  isPassedBy,
  LEVELS,
  type Level,
  LFS_POINTER,
  type Linted,
  lintCommands,
  lintDockerfileText,
  listFiles,
  mayDeclareMounts,
  mergeSourceFindings,
  readSource,
  type SourceFinding,
  type SourceRuleSettings,
  sourcesAmong,
} from '@tidegate/source';
import { createGit } from '@tidegate/tools';
import type { Builder } from '../build/engine.ts';
import type { Services } from '../services.ts';
import { type CheckedDockerfile, type Checkers, checkersOf } from './checkers.ts';
import type { CommittedSources, CommittedText } from './committed-sources.ts';
import { contextFiles } from './context-files.ts';

export interface LintOptions {
  /** The repository's folder, absolute. */
  readonly root: string;
  /** Relative to the root. Default: every Dockerfile in the repository. */
  readonly dockerfiles?: readonly string[];
  /** Build context of the Dockerfiles, absolute. Default: the folder of each Dockerfile. */
  readonly context?: string;
  readonly target?: string | undefined;
  readonly buildArgs: readonly (readonly [string, string])[];
  readonly buildContexts: readonly (readonly [string, string])[];
  readonly settings: SourceRuleSettings;
  /** If set, also run BuildKit's own checks with this builder. */
  readonly builder?: ((services: Services) => Promise<Builder>) | undefined;
  /** If set, also run hadolint: path of the program. */
  readonly hadolint?: string | undefined;
  /** The files of the commit, which are checked in a workflow instead of the work tree. Absent: the work tree. */
  readonly committed?: CommittedSources | undefined;
}

export interface LintReport {
  /** By file and line. A problem that several checkers find is listed once. */
  readonly findings: readonly SourceFinding[];
  /** Number of findings that are suppressed by a comment with a reason. */
  readonly ignored: number;
  /** Number of files that were checked. */
  readonly dockerfiles: number;
  readonly others: number;
  /** Why a requested checker (BuildKit, hadolint) failed. The findings of the rules are valid regardless. */
  readonly failed?: TidegateError | undefined;
}

/** In bytes. Longer files are reported, but not read: no script is that long. */
const LONGEST = 1024 * 1024;
const FILES_AT_ONCE = 8;

/**
 * Check the repository against the source rules, before anything is built. None of its code is run.
 * @throws TidegateError `not-found` for a named Dockerfile that does not exist
 */
export async function lintSource(options: LintOptions, services: Services): Promise<LintReport> {
  const files = options.committed?.files.filter((file) => !isPassedBy(file)) ?? (await filesOf(options.root, services));
  const read = (file: string, most: number) => readFrom(options, file, most);
  const { exclude } = options.settings;
  const among = sourcesAmong(files, exclude);
  const dockerfiles = options.dockerfiles ?? among.dockerfiles;
  const mounts = await mountsIn(read, files.filter(mayDeclareMounts));
  const settings = { ...options.settings, mounts: [...(options.settings.mounts ?? []), ...mounts] };
  const checkers = await checkersOf(dockerfiles.length > 0 ? options : {}, services);
  const linted: Linted[] = [];
  for (const file of dockerfiles) linted.push(await lintOne(file, { ...options, settings }, checkers, services));
  const others = await mapLimited(among.commands, FILES_AT_ONCE, async (file) => {
    services.signal.throwIfAborted();
    const source = await read(file, LONGEST);
    return 'text' in source ? lintCommands(file, source.text, settings) : unread(file, source.problem);
  });
  linted.push(...others);
  return {
    findings: mergeSourceFindings(linted.flatMap(({ findings }) => findings)),
    ignored: linted.reduce((sum, { ignored }) => sum + ignored, 0),
    dockerfiles: dockerfiles.length,
    others: among.commands.length,
    failed: checkers.failed,
  };
}

/** BuildKit rejects such a file, whatever is ignored. */
const UNREADABLE = 'dockerfile-unreadable';
const orIgnore = (rule: string) => `Or add the comment # tidegate: ignore=${rule} with a reason above it.`;

/** Findings at this level or above. */
function failingFindings(findings: readonly SourceFinding[], failOn: Level | 'none'): readonly SourceFinding[] {
  if (failOn === 'none') return [];
  return findings.filter(({ level }) => LEVELS.indexOf(level) <= LEVELS.indexOf(failOn));
}

/** @throws TidegateError `gate` that names the first failing findings */
export function assertClean(findings: readonly SourceFinding[], failOn: Level | 'none'): void {
  const failing = failingFindings(findings, failOn);
  const [first] = failing;
  if (!first) return;
  const more = failing.length > 1 ? `, and ${counted(failing.length - 1, 'more finding')}` : '';
  throw new TidegateError(
    'source-rule-failed',
    `${first.file}:${first.line} ${first.rule}: ${first.message.replace(/\.$/, '')}${more}.`,
    {
      next: first.rule === UNREADABLE ? first.fix : `${first.fix} ${orIgnore(first.rule)}`,
    },
  );
}

async function lintOne(file: string, options: LintOptions, checkers: Checkers, services: Services): Promise<Linted> {
  services.signal.throwIfAborted();
  const path = resolve(options.root, file);
  const name = nameOf(options.root, path);
  const source = await readFrom(options, file, 8 * LONGEST);
  if (!('text' in source)) {
    if (options.dockerfiles === undefined) return unread(name, source.problem);
    throw new TidegateError(
      'dockerfile-unreadable',
      `Cannot read the Dockerfile ${JSON.stringify(name)}: ${source.problem}.`,
      {
        next:
          source.problem === LFS_POINTER
            ? 'Keep Dockerfiles out of Git LFS: source rules read the commit without LFS.'
            : 'Set its path relative to the repository.',
      },
    );
  }
  if (source.lies === 'another') throw changedSince(name, options.committed?.commit ?? '');
  const context = options.context ?? dirname(path);
  const { target, buildArgs, buildContexts, settings } = options;
  const checked: CheckedDockerfile = {
    ...{ name, path, context, buildArgs, buildContexts },
    target: target || undefined,
  };
  const foreign = source.lies === undefined ? await checkers.ask(checked, options.root) : [];
  return lintDockerfileText(
    name,
    source.text,
    {
      settings,
      target: target || undefined,
      buildArgs: new Map(buildArgs),
      contexts: buildContexts.map(([key]) => key),
      copied: await contextFiles(context, path, source.text, (file) => readFrom(options, file, LONGEST)),
    },
    foreign,
  );
}

/** Files that git tracks; without git, all files. */
async function filesOf(root: string, services: Services): Promise<readonly string[]> {
  try {
    const git = createGit(services.run, services.children);
    const { stdout } = await git('ls-files', ['-z', '--cached'], {
      folder: root,
      timeout: 60_000,
      signal: services.signal,
    });
    const files = [...new Set(stdout.split('\0'))].filter((file) => file !== '' && !isPassedBy(file));
    if (files.length > 0) return files.sort();
  } catch (error) {
    if (services.signal.aborted) throw error;
    services.log.debug('git cannot list the files here: searching the folder instead.');
  }
  return listFiles(root);
}

async function mountsIn(read: Read, files: readonly string[]): Promise<string[]> {
  const mounts = await mapLimited(files, FILES_AT_ONCE, async (file) => {
    const source = await read(file, LONGEST);
    return 'text' in source ? declaredMounts(source.text) : [];
  });
  return mounts.flat();
}

type Read = (file: string, most: number) => Promise<CommittedText>;

/** @param file relative to the root, or absolute */
async function readFrom({ root, committed }: LintOptions, file: string, most: number): Promise<CommittedText> {
  const path = resolve(root, file);
  const name = relative(root, path);
  const isBelow = !name.startsWith('..') && !isAbsolute(name);
  if (committed && isBelow) return committed.read(name.split(sep).join('/'), most);
  return readSource(dirname(path), basename(path), most);
}

/**
 * BuildKit and hadolint read the work tree: if its Dockerfile differs from the commit, they would check another file.
 */
function changedSince(name: string, commit: string): TidegateError {
  return new TidegateError(
    'file-not-committed',
    `${name} differs from commit ${commit}: it was changed after the checkout.`,
    {
      next: 'Run lint-source before the step that changes it, or commit the change.',
    },
  );
}

function unread(file: string, problem: string): Linted {
  // The target of a symbolic link is checked under its own name, or is outside the repository and out of scope.
  if (problem === 'it is a symbolic link' || problem === 'it does not exist') return { findings: [], ignored: 0 };
  const rule = 'file-not-read';
  // A checkout without LFS is not a defect of the sources. The build checks that no pointer gets into an image.
  const elsewhere = problem === LFS_POINTER ? ' The build checks that the image contains no pointers.' : '';
  const finding: SourceFinding = {
    ...{ rule, level: 'note', file, line: 1, message: `It was not checked: ${problem}.${elsewhere}` },
    ...{ why: 'No rule was applied to it.', fix: 'Review it yourself, or list it in exclude.' },
  };
  return { findings: [finding], ignored: 0 };
}

/** Path relative to the root, with `/`; outside the root, the full path. */
function nameOf(root: string, path: string): string {
  const name = relative(root, path);
  return name.startsWith('..') || isAbsolute(name) ? path : name.split(sep).join('/');
}
