import { posix } from 'node:path';
import { dockerignore } from '../dockerfile/dockerignore.ts';
import { goMatch } from '../dockerfile/go-match.ts';
import { DockerfileError, type Instruction, parseDockerfile } from '../dockerfile/parse.ts';

/** A file of the build context that an instruction takes along. */
export interface ContextFile {
  /** Seen from the context, with `/`. */
  readonly path: string;
  /** Undefined for a folder, a link, and what is too large to be searched. */
  readonly content?: Buffer;
  readonly isFolder?: true;
}

/**
 * What each source of COPY and ADD finds in the build context, as it is written there: the file itself, or those of a
 * folder that may be secrets by their name. A source that the context does not have is missing.
 */
export type ContextFiles = ReadonlyMap<string, readonly ContextFile[]>;

/** The sources of COPY and ADD that are looked for in the build context, each once. */
export function copiedSources(text: string): readonly string[] {
  let instructions: readonly Instruction[];
  try {
    instructions = parseDockerfile(text).instructions;
  } catch (error) {
    // The file is a finding of its own.
    if (error instanceof DockerfileError) return [];
    throw error;
  }
  return [...new Set(instructions.flatMap(sourcesOf))];
}

type Copying = Pick<Instruction, 'keyword' | 'args' | 'flags'>;

/** Of COPY and ADD. Here-documents, addresses and other stages are not in the context; ONBUILD copies from another one. */
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

/** A source as a path of the context: nothing leads out of it. Empty for the context itself. */
export function inContext(source: string): string {
  return posix.resolve('/', source).slice(1);
}

/** A name held against one part of a source; undefined for a part that is a plain name. Go's patterns, of `path.Match`. */
export function namePattern(part: string): ((name: string) => boolean) | undefined {
  if (!/[*?[]/.test(part)) return undefined;
  // BuildKit refuses what Go refuses: it copies nothing.
  return goMatch(part) ?? (() => false);
}

/** Files without those that `--exclude` leaves out. */
export function taken(instruction: Copying, source: string, files: readonly ContextFile[]): readonly ContextFile[] {
  const patterns = instruction.flags.flatMap((flag) => /^--exclude=(.*)$/.exec(flag)?.[1] ?? []);
  if (patterns.length === 0) return files;
  const isOut = dockerignore(patterns.join('\n'));
  const folder = inContext(source);
  return files.filter(({ path }) => !isOut(path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path));
}
