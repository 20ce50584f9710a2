import { posix } from 'node:path';
import { dockerignore } from '../dockerfile/dockerignore.ts';
import { goMatch } from '../dockerfile/go-match.ts';
import { DockerfileError, type Instruction, parseDockerfile } from '../dockerfile/parse.ts';

/** A file of the build context that an instruction copies. */
export interface ContextFile {
  /** Relative to the context, with `/`. */
  readonly path: string;
  /** Undefined for a folder, a link, and a file that is too large to search. */
  readonly content?: Buffer;
  readonly isFolder?: true;
}

/**
 * The files of the build context for each source of COPY and ADD: the file itself, or the files of a folder with the
 * name of a secret. The map has no entry for a source that is not in the context.
 */
export type ContextFiles = ReadonlyMap<string, readonly ContextFile[]>;

/** The sources of COPY and ADD to look up in the build context, each once. */
export function copiedSources(text: string): readonly string[] {
  let instructions: readonly Instruction[];
  try {
    instructions = parseDockerfile(text).instructions;
  } catch (error) {
    // An unreadable Dockerfile is a separate finding.
    if (error instanceof DockerfileError) return [];
    throw error;
  }
  return [...new Set(instructions.flatMap(sourcesOf))];
}

type Copying = Pick<Instruction, 'keyword' | 'args' | 'flags'>;

/**
 * Sources of COPY and ADD. Here-documents, URLs and other stages are not in the context; ONBUILD copies from another
 * one.
 */
function sourcesOf(instruction: Copying): readonly string[] {
  const { keyword, args, flags } = instruction;
  if (keyword !== 'COPY' && keyword !== 'ADD') return [];
  if (flags.some((flag) => flag.startsWith('--from='))) return [];
  return args.slice(0, -1).filter((source) => !isHeredoc(source) && !isAddress(source));
}

export function isHeredoc(source: string): boolean {
  return source.startsWith('<<');
}

export function isAddress(source: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]{0,20}:\/\/|git@)/i.test(source);
}

/** A source as a path in the context, which it cannot leave. Empty for the context itself. */
export function inContext(source: string): string {
  return posix.resolve('/', source).slice(1);
}

/** Matches a name against one part of a source; undefined for a plain name. Patterns of Go's `path.Match`. */
export function namePattern(part: string): ((name: string) => boolean) | undefined {
  if (!/[*?[]/.test(part)) return undefined;
  // BuildKit rejects a pattern that Go rejects, so nothing is copied.
  return goMatch(part) ?? (() => false);
}

/** The files without those that `--exclude` excludes. */
export function taken(instruction: Copying, source: string, files: readonly ContextFile[]): readonly ContextFile[] {
  const patterns = instruction.flags.flatMap((flag) => /^--exclude=(.*)$/.exec(flag)?.[1] ?? []);
  if (patterns.length === 0) return files;
  const isOut = dockerignore(patterns.join('\n'));
  const folder = inContext(source);
  return files.filter(({ path }) => !isOut(path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path));
}
