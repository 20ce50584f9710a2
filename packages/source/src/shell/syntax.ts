/** The syntax of a shell script. */
import type { Part } from './word-reader.ts';

/** A word of a command, without quotes, with variables and substitutions as written. */
export interface Word {
  readonly text: string;
  /** Position in the script. */
  readonly offset: number;
  /** Its length there, including quotes. */
  readonly length?: number;
  /** Absent if the word is only text. */
  readonly parts?: readonly Part[] | undefined;
  /** `name=(a b)`: the words between the parentheses. */
  readonly array?: readonly Word[];
}

/** A text, and its position in the script if it occurs there unchanged. */
export interface Text {
  readonly text: string;
  readonly offset?: number;
  /** Its length in the script, if different from that of the text. */
  readonly length?: number | undefined;
}

interface FromCommands {
  readonly from: number;
  readonly to: number;
  /** The number of words before it; undefined for its input: `< <(…)`. */
  readonly at?: number | undefined;
}

/** A simple command of a shell script (POSIX, 2.9.1). */
export interface Command {
  readonly words: readonly Word[];
  readonly offset: number;
  /** Files that its output is written to. */
  readonly writes: readonly string[];
  /** The file that it reads as its input. */
  readonly reads?: string | undefined;
  /** Its output is the input of the next command. */
  readonly pipes?: true | undefined;
  /** The next command writes to the same pipe: `(a; b) | c`. */
  readonly isGrouped?: true | undefined;
  /** It runs on another machine. */
  readonly isRemote?: true | undefined;
  /** Its input from a here-document. */
  readonly input?: { readonly text: string; readonly offset: number } | undefined;
  /** Its input from a here-string. */
  readonly inputWord?: Word | undefined;
  /** `<(…)`: the commands whose output it reads as a file. */
  readonly fromCommands?: FromCommands | undefined;
  /** Its first words are part of a function: the position of the call, whose arguments matter. */
  readonly calledAt?: number | undefined;
  /** Nesting depth in substitutions: a pipe connects commands of the same depth. */
  readonly depth?: number;
}

/** `name() { … }`: the range of commands that are its body. */
export interface FunctionBody {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export interface Script {
  readonly commands: readonly Command[];
  readonly functions: readonly FunctionBody[];
}
