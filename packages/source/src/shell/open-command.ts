/** Parts of a script that are not completely read yet. */
import type { Command, Word } from './syntax.ts';

export interface Open {
  readonly words: Word[];
  readonly writes: string[];
  reads?: string;
  input?: Command['input'];
  inputWord?: Word;
  fromCommands?: Command['fromCommands'];
  hasHeredoc?: true;
  offset: number;
}

export interface PendingHeredoc {
  readonly command: Open;
  readonly name: string;
  readonly chomp: boolean;
  readonly isQuoted: boolean;
}

export interface Group {
  readonly name: string | undefined;
  readonly from: number;
}
