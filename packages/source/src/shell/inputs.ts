import type { Budget } from './budget.ts';
import { expand, type Names } from './expansion.ts';
import type { Frame } from './frame.ts';
import { wordText } from './launch-parts.ts';
import { printedIn } from './names.ts';
import type { State } from './state.ts';
import type { Command, Text, Word } from './syntax.ts';

interface Sources {
  readonly names: Names;
  readonly state: State;
  readonly left: Budget;
}

/** The input that a command has by itself, not by a pipe: a here-string, a here-document, a file, or `<(…)`. */
export function inputOf(
  { input, inputWord, fromCommands, reads }: Command,
  frame: Frame,
  { names, state, left }: Sources,
): Text | undefined {
  if (inputWord) {
    if (left.text < 0) return undefined;
    const [word] = expand(inputWord, names, 0, false);
    left.text -= word?.text.length ?? 0;
    return word && wordText({ ...word, offset: frame.place(word.offset) });
  }
  if (input) return { text: input.text, offset: frame.place(input.offset) };
  if (fromCommands) return printedIn(frame, fromCommands.from, fromCommands.to);
  return reads === undefined ? undefined : state.fileOf(reads);
}

/** A here-document that a substitution prints keeps its own position. */
export function originOf(word: Word, frame: Frame): { offset?: number } {
  const last = word.parts?.at(-1);
  if (last?.kind !== 'commands') return {};
  const printed = printedIn(frame, last.from, last.to);
  return printed?.offset === undefined ? {} : { offset: printed.offset };
}
