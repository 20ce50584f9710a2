import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { mapLimited, TidegateError } from '@tidegate/core';
import {
  isJsonData,
  LFS_POINTER,
  type Linted,
  lintDockerfileText,
  lintOtherFile,
  mergeSourceFindings,
  readSource,
  type SourceFinding,
} from '@tidegate/source';
import type { Services } from '../services.ts';
import { type CheckedDockerfile, type Checkers, checkersOf } from './checkers.ts';
import type { CommittedText } from './committed-sources.ts';
import { contextFiles } from './context-files.ts';
import { declaredIn } from './declared.ts';
import type { LintOptions, LintReport } from './options.ts';
import { nameOf, sourceList } from './source-list.ts';

/** In bytes. Longer files are reported, but not read: no script is that long. */
const LONGEST = 1024 * 1024;
const FILES_AT_ONCE = 8;

/** The work of `lintSource`. */
export async function checkSources(options: LintOptions, services: Services): Promise<LintReport> {
  const list = await sourceList(options, services);
  const { files, others: commands, named } = list;
  const read = (file: string, most: number) => readFrom(options, file, most);
  const dockerfiles = options.dockerfiles ?? list.dockerfiles;
  // A wrong path must not wait for the download of the checkers' programs.
  for (const file of options.dockerfiles ?? []) await dockerfileText(file, options);
  const declared = await declaredIn(files, list.declaring, (file) => read(file, LONGEST));
  const mounts = [...(options.settings.mounts ?? []), ...declared.mounts];
  const settings = { ...options.settings, ...declared, mounts };
  const checkers = await checkersOf(dockerfiles.length > 0 ? options : {}, services);
  const linted: Linted[] = [];
  for (const file of dockerfiles) linted.push(await lintOne(file, { ...options, settings }, checkers, services));
  const others = await mapLimited(commands, FILES_AT_ONCE, async (file) => {
    services.signal.throwIfAborted();
    const source = await read(file, LONGEST);
    const isNamed = named.has(file);
    const isData = !isNamed && isJsonData(file) && !('text' in source && source.text.includes('"apiVersion"'));
    const found =
      'text' in source
        ? await lintOtherFile(file, source.text, settings, isNamed)
        : unread(file, source.problem, isNamed);
    return { found, isData };
  });
  linted.push(...others.map(({ found }) => found));
  return {
    findings: mergeSourceFindings(linted.flatMap(({ findings }) => findings)),
    ignored: linted.reduce((sum, { ignored }) => sum + ignored, 0),
    dockerfiles: dockerfiles.length,
    others: others.filter(({ isData }) => !isData).length,
    failed: checkers.failed,
  };
}

async function lintOne(file: string, options: LintOptions, checkers: Checkers, services: Services): Promise<Linted> {
  services.signal.throwIfAborted();
  const path = resolve(options.root, file);
  const name = nameOf(options.root, path);
  const source = await dockerfileText(file, options);
  if (!('text' in source)) return unread(name, source.problem);
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

/** @throws TidegateError `not-found` if the caller names the Dockerfile and it cannot be read. */
async function dockerfileText(file: string, options: LintOptions): ReturnType<typeof readFrom> {
  const source = await readFrom(options, file, 8 * LONGEST);
  if ('text' in source || options.dockerfiles === undefined) return source;
  const name = nameOf(options.root, resolve(options.root, file));
  const next =
    source.problem === LFS_POINTER
      ? 'Keep Dockerfiles out of Git LFS: source rules read the commit without LFS.'
      : 'Set its path relative to the repository.';
  throw new TidegateError(
    'dockerfile-unreadable',
    `Cannot read the Dockerfile ${JSON.stringify(name)}: ${source.problem}.`,
    { next },
  );
}

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

function unread(file: string, problem: string, isNamed = false): Linted {
  // The target of a symbolic link is checked under its own name, or is outside the repository and out of scope.
  const isElsewhere = problem === 'it is a symbolic link' || problem === 'it does not exist';
  // No manifest is that long.
  if (!isNamed && (isElsewhere || isJsonData(file))) return { findings: [], ignored: 0 };
  const rule = 'file-not-read';
  // A checkout without LFS is not a defect of the sources. The build checks that no pointer gets into an image.
  const elsewhere = problem === LFS_POINTER ? ' The build checks that the image contains no pointers.' : '';
  const finding: SourceFinding = {
    ...{ rule, level: 'note', file, line: 1, message: `It was not checked: ${problem}.${elsewhere}` },
    ...{ why: 'No rule was applied to it.', fix: 'Review it yourself, or list it in exclude.' },
  };
  return { findings: [finding], ignored: 0 };
}
