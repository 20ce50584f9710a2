import type { Dockerfile, Instruction } from './parse.ts';
import { lex } from './shell-lex.ts';

export interface Stage {
  /** Lower case; absent for a stage without a name. */
  readonly name?: string | undefined;
  readonly index: number;
  /** The text after FROM, and the same with the ARGs before the first FROM expanded. */
  readonly base: string;
  readonly from: Expanded;
  readonly instruction: Instruction;
  readonly instructions: readonly Instruction[];
  /** The stage that this one is based on. */
  readonly parent?: Stage | undefined;
}

/** A reference with expanded variables. */
export interface Expanded {
  readonly text: string;
  /** Variables without a value in the file. */
  readonly unknown: readonly string[];
  /** Build arguments that it depends on. */
  readonly via: readonly string[];
}

export interface StagedDockerfile extends Dockerfile {
  /** Build arguments of the FROM lines, with their defaults, if any. */
  readonly globals: ReadonlyMap<string, string | undefined>;
  readonly stages: readonly Stage[];
  /** ARGs before the first FROM. */
  readonly preamble: readonly Instruction[];
  /** Finds the stage of COPY --from, --target or FROM, by name or number, among those before `before`. */
  stageNamed(name: string, before?: number): Stage | undefined;
}

const STAGE_NAME = /^[a-z][a-z0-9-_.]*$/;

/** Build arguments that BuildKit sets for each platform: a pattern. */
export const PLATFORM_ARG = '(?:TARGET|BUILD)(?:PLATFORM|OSVERSION|OS|ARCH|VARIANT)';

/** Variables that BuildKit sets in FROM lines: they differ by platform, so they are not expanded. */
const PLATFORM_ARGS = new RegExp(`^${PLATFORM_ARG}$|^TARGETSTAGE$`);

export interface FromProblem {
  readonly line: number;
  readonly message: string;
}

/**
 * Stages by name and number, each with its instructions. `buildArgs` override the defaults in the file.
 * `platform` has the variables that BuildKit sets, for a single platform.
 * FROM lines that BuildKit would reject are returned as problems, and their stage has no name.
 */
export function stagesOf(
  file: Dockerfile,
  buildArgs: ReadonlyMap<string, string> = new Map(),
  platform: ReadonlyMap<string, string> = new Map(),
): StagedDockerfile & { readonly problems: readonly FromProblem[] } {
  const globals = new Map<string, string | undefined>(platform);
  const preamble: Instruction[] = [];
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  const problems: FromProblem[] = [];
  let misplaced: Instruction | undefined;
  const names = new Map<string, Stage[]>();
  const stageNamed = (name: string, before = stages.length): Stage | undefined => {
    // The last stage of that name: BuildKit lets a name be used twice.
    const found = lastBefore(names.get(name.toLowerCase()) ?? [], before);
    if (found || !/^\d{1,9}$/.test(name)) return found;
    return Number(name) < before ? stages[Number(name)] : undefined;
  };
  for (const instruction of file.instructions) {
    if (instruction.keyword === 'FROM') {
      const stage = stageOf(instruction, stages.length, stageNamed, globals, file.escape, problems);
      stages.push(stage);
      if (stage.name !== undefined) {
        const same = names.get(stage.name);
        if (same) same.push(stage);
        else names.set(stage.name, [stage]);
      }
    } else if (stages.length > 0) {
      stages.at(-1)?.instructions.push(instruction);
    } else {
      preamble.push(instruction);
      if (instruction.keyword === 'ARG') declare(instruction, globals, buildArgs, file.escape);
      // BuildKit reports the first one. The others follow from the same missing FROM.
      else if (misplaced === undefined) misplaced = instruction;
    }
  }
  if (misplaced) problems.unshift({ line: misplaced.startLine, message: 'no build stage in current context' });
  return { ...file, globals, preamble, stages, problems, stageNamed };
}

function stageOf(
  instruction: Instruction,
  index: number,
  stageNamed: (name: string) => Stage | undefined,
  globals: ReadonlyMap<string, string | undefined>,
  token: string,
  problems: FromProblem[],
): Stage & { instructions: Instruction[] } {
  const { args } = instruction;
  const problem = (message: string) => problems.push({ line: instruction.startLine, message });
  const base = args[0] ?? '';
  let name: string | undefined;
  if (args.length === 3 && args[1]?.toLowerCase() === 'as') {
    name = args[2]?.toLowerCase() ?? '';
    if (!STAGE_NAME.test(name)) {
      problem(`${JSON.stringify(args[2])} is no name for a build stage`);
      name = undefined;
    }
  } else if (args.length !== 1) problem('FROM requires either one or three arguments');
  const from = expanded(base, globals, token);
  // A number is an image name here: only --from refers to stages by number.
  const parent = /^\d+$/.test(from.text) ? undefined : stageNamed(from.text);
  return {
    name,
    index,
    base,
    from,
    instruction,
    instructions: [],
    parent,
  };
}

function declare(
  instruction: Instruction,
  globals: Map<string, string | undefined>,
  buildArgs: ReadonlyMap<string, string>,
  token: string,
): void {
  for (const word of instruction.args) {
    const [name, value] = keyValue(word);
    const given = buildArgs.get(name);
    globals.set(name, bounded(given ?? (value === undefined ? undefined : expanded(value, globals, token).text)));
  }
}

/** Longer values count as unknown: a value that contains itself twice doubles with every line. */
const LONGEST_VALUE = 4096;

export function bounded(value: string | undefined): string | undefined {
  return value === undefined || value.length > LONGEST_VALUE ? undefined : value;
}

/** `NAME=value` or `NAME`, with quotes. */
export function keyValue(word: string): readonly [name: string, value: string | undefined] {
  const equals = word.indexOf('=');
  return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}

/** Expands variables, except those without a value, and removes quotes. */
export function expanded(text: string, known: ReadonlyMap<string, string | undefined>, token: string): Expanded {
  const unknown = new Set<string>();
  const via = new Set<string>();
  const read = lex(text, {
    escape: token,
    variable(name) {
      const value = known.get(name);
      if (value !== undefined) via.add(name);
      return value;
    },
    missing(name, written) {
      if (!PLATFORM_ARGS.test(name)) unknown.add(name);
      return written;
    },
  });
  return { text: read?.text ?? text, unknown: [...unknown], via: [...via] };
}

/** The last one with an index below `before`, in a sorted list. */
function lastBefore(stages: readonly Stage[], before: number): Stage | undefined {
  let [low, high] = [0, stages.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stages[middle]?.index ?? 0) < before) low = middle + 1;
    else high = middle;
  }
  return stages[low - 1];
}

/** The stage and the stages it is based on, the first one first. */
export function lineageOf(stage: Stage): readonly Stage[] {
  const line: Stage[] = [];
  for (let one: Stage | undefined = stage; one; one = one.parent) line.push(one);
  return line.reverse();
}

/** The stages that a build of this one runs: its parents, and the stages that they copy or mount from. */
export function neededBy(stage: Stage, file: StagedDockerfile): ReadonlySet<Stage> {
  const needed = new Set<Stage>();
  const waiting = [stage];
  for (let one = waiting.pop(); one; one = waiting.pop()) {
    if (needed.has(one)) continue;
    needed.add(one);
    if (one.parent) waiting.push(one.parent);
    for (const { flags } of one.instructions) {
      for (const flag of flags) {
        const [, named] = /^--(?:from=|mount=(?:.*,)?from=)([^,]+)/.exec(flag) ?? [];
        const found = named === undefined ? undefined : file.stageNamed(named, one.index);
        if (found) waiting.push(found);
      }
    }
  }
  return needed;
}
