import type { Dockerfile, Instruction } from './parse.ts';
import { lex } from './shell-lex.ts';

export interface Stage {
  /** Lower case; absent where it has none. */
  readonly name?: string;
  readonly index: number;
  /** What stands after FROM, and the same with the ARGs before the first FROM put in. */
  readonly base: string;
  readonly from: Expanded;
  readonly instruction: Instruction;
  readonly instructions: readonly Instruction[];
  /** The stage that this one is built on. */
  readonly parent?: Stage;
}

/** A reference once its variables are known. */
export interface Expanded {
  readonly text: string;
  /** Variables without a value in the file. */
  readonly unknown: readonly string[];
  /** Build arguments that it comes from. */
  readonly via: readonly string[];
}

export interface StagedDockerfile extends Dockerfile {
  /** Build arguments of the FROM lines, with their defaults where they have one. */
  readonly globals: ReadonlyMap<string, string | undefined>;
  readonly stages: readonly Stage[];
  /** ARGs before the first FROM. */
  readonly preamble: readonly Instruction[];
}

const STAGE_NAME = /^[a-z][a-z0-9-_.]*$/;

/** What BuildKit knows by itself in FROM lines: different for each platform, so left as it is written. */
const PLATFORM_ARGS = /^(TARGET|BUILD)(PLATFORM|OS|OSVERSION|ARCH|VARIANT)$|^TARGETSTAGE$/;

export interface FromProblem {
  readonly line: number;
  readonly message: string;
}

/**
 * Stages by name and number, each with its instructions. `buildArgs` stand over the defaults in the file.
 * FROM lines that BuildKit would refuse come back as problems, and their stage has no name.
 */
export function stagesOf(
  file: Dockerfile,
  buildArgs: ReadonlyMap<string, string> = new Map(),
): StagedDockerfile & { readonly problems: readonly FromProblem[] } {
  const globals = new Map<string, string | undefined>();
  const preamble: Instruction[] = [];
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  const problems: FromProblem[] = [];
  for (const instruction of file.instructions) {
    if (instruction.keyword === 'FROM') {
      stages.push(stageOf(instruction, stages, globals, file.escape, problems));
    } else if (stages.length > 0) {
      stages.at(-1)?.instructions.push(instruction);
    } else {
      preamble.push(instruction);
      if (instruction.keyword === 'ARG') declare(instruction, globals, buildArgs, file.escape);
      else problems.push({ line: instruction.startLine, message: 'no build stage in current context' });
    }
  }
  return { ...file, globals, preamble, stages, problems };
}

function stageOf(
  instruction: Instruction,
  before: readonly Stage[],
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
  const wanted = from.text.toLowerCase();
  // The last stage of that name: BuildKit lets a name be used twice.
  const parent = before.findLast((stage) => stage.name === wanted);
  return {
    ...(name === undefined ? {} : { name }),
    index: before.length,
    base,
    from,
    instruction,
    instructions: [],
    ...(parent ? { parent } : {}),
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
    globals.set(name, given ?? (value === undefined ? undefined : expanded(value, globals, token).text));
  }
}

/** `NAME=value` or `NAME`, quotes still on. */
export function keyValue(word: string): readonly [name: string, value: string | undefined] {
  const equals = word.indexOf('=');
  return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}

/** Put variables in; those without a value stay as they are written. Quotes go. */
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

/** By name or number, as COPY --from and --target name one; undefined for an image. */
export function stageNamed(stages: readonly Stage[], name: string): Stage | undefined {
  return (
    stages.findLast((stage) => stage.name === name.toLowerCase()) ??
    (/^\d+$/.test(name) ? stages[Number(name)] : undefined)
  );
}

/** The stage and what it is built on, the first one first. */
export function lineageOf(stage: Stage): readonly Stage[] {
  const line: Stage[] = [];
  for (let one: Stage | undefined = stage; one; one = one.parent) line.unshift(one);
  return line;
}

/** The stages that a build of this one runs: its lineage, and what they copy or mount from. */
export function neededBy(stage: Stage, stages: readonly Stage[]): ReadonlySet<Stage> {
  const needed = new Set<Stage>();
  const waiting = [stage];
  for (let one = waiting.pop(); one; one = waiting.pop()) {
    if (needed.has(one)) continue;
    needed.add(one);
    if (one.parent) waiting.push(one.parent);
    for (const { flags } of one.instructions) {
      for (const flag of flags) {
        const [, named] = /^--(?:from=|mount=(?:.*,)?from=)([^,]+)/.exec(flag) ?? [];
        const found = named === undefined ? undefined : stageNamed(stages.slice(0, one.index), named);
        if (found) waiting.push(found);
      }
    }
  }
  return needed;
}
