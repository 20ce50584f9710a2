import { type Instruction, lineAt } from '../dockerfile/parse.ts';
import {
  bounded,
  expanded,
  keyValue,
  lineageOf,
  neededBy,
  type Stage,
  type StagedDockerfile,
} from '../dockerfile/stages.ts';
import type { Remark, SourceRuleSettings } from '../finding.ts';
import { type Command, commandsOf } from '../shell/commands.ts';
import { InnerText } from '../shell/inner-text.ts';
import { lineIndex, lineStarts } from '../shell/lines.ts';
import { unwrap, unwrappedCommands } from '../shell/unwrapped.ts';
import { programOf, SHELLS } from '../shell/wrappers.ts';
import type { ContextFiles } from './context-files.ts';

/** The input of the rules for a Dockerfile. */
export interface Subject {
  readonly file: StagedDockerfile;
  /** The final stage and the stages it is based on, the first one first. */
  readonly final: Stage;
  readonly lineage: readonly Stage[];
  readonly settings: SourceRuleSettings;
  /** Names of build contexts, which are not images even if they look like one. */
  readonly contexts: ReadonlySet<string>;
  /** Values of build arguments. */
  readonly buildArgs: ReadonlyMap<string, string>;
  readonly copied: ContextFiles;
  /** Instructions of the final stage and its parents: their copies are in the image. */
  readonly inImage: ReadonlySet<Instruction>;
  /** Instructions of every stage that a build of the image runs. */
  readonly needed: ReadonlySet<Instruction>;
}

export type DockerfileRule = (subject: Subject) => Remark[];

export interface SubjectOptions {
  readonly target?: string | undefined;
  readonly settings?: SourceRuleSettings;
  readonly contexts?: readonly string[];
  readonly buildArgs?: ReadonlyMap<string, string>;
  readonly copied?: ContextFiles;
}

/** @returns undefined for a file without a stage, or without the requested one. */
export function subjectOf(file: StagedDockerfile, options: SubjectOptions = {}): Subject | undefined {
  const final = options.target ? file.stageNamed(options.target) : file.stages.at(-1);
  if (!final) return undefined;
  const lineage = lineageOf(final);
  return {
    ...{ file, final, lineage },
    inImage: new Set(lineage.flatMap((stage) => stage.instructions)),
    needed: new Set([...neededBy(final, file)].flatMap((stage) => stage.instructions)),
    settings: options.settings ?? {},
    contexts: new Set(options.contexts ?? []),
    buildArgs: options.buildArgs ?? new Map(),
    copied: options.copied ?? new Map(),
  };
}

/** Variables after each instruction of a stage: ARG and ENV, including those of its parents. */
export class Environment {
  readonly values = new Map<string, string | undefined>();
  readonly #subject: Subject;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  take(instruction: Instruction): void {
    if (instruction.keyword === 'ARG') {
      for (const word of instruction.args) {
        const [name, value] = keyValue(word);
        const fallback = value === undefined ? this.#subject.file.globals.get(name) : this.expand(value).text;
        this.values.set(name, bounded(this.#subject.buildArgs.get(name) ?? fallback));
      }
    } else if (instruction.keyword === 'ENV') {
      for (const { key, value } of pairsOf(instruction)) this.values.set(key, bounded(this.expand(value).text));
    }
  }

  expand(text: string) {
    return expanded(text, this.values, this.#subject.file.escape);
  }
}

/** Each instruction of these stages with the variables it sees. */
export function* withEnvironment(
  subject: Subject,
  stages: readonly Stage[],
): Generator<{ readonly instruction: Instruction; readonly stage: Stage; readonly environment: Environment }> {
  const environment = new Environment(subject);
  for (const stage of stages) {
    for (const instruction of stage.instructions) {
      yield { instruction, stage, environment };
      environment.take(instruction);
    }
  }
}

export interface PairOf {
  readonly key: string;
  /** With quotes. */
  readonly value: string;
}

/** Pairs of ENV and LABEL. */
export function pairsOf(instruction: Instruction): PairOf[] {
  const pairs: PairOf[] = [];
  for (let at = 0; at + 2 < instruction.args.length + 1; at += 3) {
    pairs.push({ key: instruction.args[at] ?? '', value: instruction.args[at + 1] ?? '' });
  }
  return pairs;
}

export interface RunCommand {
  readonly command: Command;
  readonly program: string;
  readonly line: number;
}

/** The commands of a RUN, line by line: its shell form, its array, or its here-documents. */
export function commandsIn(instruction: Instruction): RunCommand[] {
  const inner = new InnerText(instruction.text.length);
  const inArguments = argumentsOf(instruction).flatMap((command) => unwrap(command, inner));
  return [
    ...inArguments.map((command) => described(command, instruction.startLine)),
    ...scriptsIn(instruction).flatMap(({ text, lineOf }) =>
      unwrappedCommands(text).map((command) => described(command, lineOf(command.offset))),
    ),
  ];
}

/** The command of a RUN that is an array. */
export function argumentsOf(instruction: Instruction): readonly Command[] {
  if (instruction.keyword !== 'RUN' || !instruction.isJson) return [];
  return [{ words: instruction.args.map((word) => ({ text: word, offset: 0 })), offset: 0, writes: [] }];
}

export interface RunScript {
  readonly text: string;
  /** The line of the Dockerfile for a position in the text. */
  readonly lineOf: (offset: number) => number;
}

/** The shell scripts of a RUN: its shell form, and its here-documents if a shell reads them. */
export function scriptsIn(instruction: Instruction): readonly RunScript[] {
  if (instruction.keyword !== 'RUN' || instruction.isJson) return [];
  const [text = ''] = instruction.args;
  const start = Math.max(0, instruction.text.lastIndexOf(text));
  const own: RunScript = { text, lineOf: (offset) => lineAt(instruction, start + offset) };
  const [first] = commandsOf(text);
  const isScript = !first || SHELLS.has(programOf(first.words[0]?.text ?? ''));
  if (!isScript) return [own];
  const inside = instruction.heredocs.map(({ content, startLine }): RunScript => {
    const starts = lineStarts(content);
    return { text: content, lineOf: (offset) => startLine + lineIndex(starts, offset) };
  });
  return [own, ...inside];
}

function described(command: Command, line: number): RunCommand {
  return { command, program: programOf(command.words[0]?.text ?? ''), line };
}

export function flagOf(instruction: Instruction, name: string): string | undefined {
  return instruction.flags.find((flag) => flag.startsWith(`--${name}=`))?.slice(name.length + 3);
}

/** Options of each `--mount`. */
export function mountsOf(instruction: Instruction): ReadonlyMap<string, string>[] {
  return instruction.flags
    .filter((flag) => flag.startsWith('--mount='))
    .map(
      (flag) =>
        new Map(
          flag
            .slice('--mount='.length)
            .split(',')
            .map((option) => splitOption(option)),
        ),
    );
}

function splitOption(option: string): readonly [string, string] {
  const equals = option.indexOf('=');
  const name = equals < 0 ? option : option.slice(0, equals);
  const value = equals < 0 ? '' : option.slice(equals + 1);
  return [name === 'dst' || name === 'destination' ? 'target' : name === 'src' ? 'source' : name, value];
}
