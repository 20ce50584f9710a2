/** The state and the results of reading a script. */
import type { ScriptLanguage } from './launch-parts.ts';
import type { Command, Script, Text, Word } from './syntax.ts';

export interface InnerProgram {
  readonly language: ScriptLanguage;
  readonly text: string;
  readonly offset: number;
}

export interface Runs {
  /** Simple commands in the order in which they run. */
  readonly commands: readonly Command[];
  /** Texts in other languages: `python -c '…'`. */
  readonly programs: readonly InnerProgram[];
  /** It runs more commands than are followed. */
  readonly isCut?: boolean;
}

/** The state before the script begins. */
export interface Setting {
  readonly variables?: ReadonlyMap<string, readonly string[]>;
  /** GitHub's expressions: `env.TOOL`, `matrix.verb`. */
  expression?(text: string): readonly string[] | undefined;
}

/** Where a text is run: its places in the whole script, and the words that it was given. */
export interface Frame {
  readonly script: Script;
  place(offset: number): number;
  readonly depth: number;
  /** Of a function or a script; undefined where nothing is known of them. */
  positional: readonly Word[] | undefined;
  readonly zeroth?: string | undefined;
  /** Where the function was called that this is the body of. */
  readonly calledAt?: number | undefined;
  readonly isRemote: boolean;
  /** The output of each command, by number. */
  readonly printed: Map<number, Text>;
}

export interface Around {
  readonly command: Omit<Command, 'words' | 'offset'>;
  readonly stdin: Text | undefined;
  readonly frame: Frame;
  /** A conditional adds to what a variable may hold. */
  readonly isCertain: boolean;
}

/** It does not stand in the script itself, but is made by what does. */
export function isMade({ depth, calledAt }: Frame): boolean {
  return depth > 0 || calledAt !== undefined;
}
