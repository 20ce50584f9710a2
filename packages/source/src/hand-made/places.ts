import { lineIndex, lineStarts } from '../shell/lines.ts';
import type { Setting } from '../shell/runs.ts';

/** Commands that run together on one machine: a job, a Makefile rule. Absent for the whole file. */
interface Scoped {
  readonly scope?: string;
}

/** A place in a file with commands. */
export type Commands = Scoped &
  (
    | {
        readonly kind: 'script';
        readonly text: string;
        lineAt(offset: number): number;
        readonly isRemote?: true | undefined;
        /** The state before it begins. */
        readonly setting?: Setting;
      }
    | { readonly kind: 'arguments'; readonly args: readonly string[]; readonly line: number }
  );

/** The inputs of a workflow step for an action that uploads files. */
interface Upload extends Scoped {
  readonly kind: 'upload';
  readonly words: readonly string[];
}

/** The file generates more than is followed: from there on its text is read as written. */
interface Cut extends Scoped {
  readonly kind: 'cut';
}

export type Place = Commands | Upload | Cut;

/** A script in consecutive lines of its file, from `first` on. */
export function scriptFrom(text: string, first = 1): Commands {
  const starts = lineStarts(text);
  return { kind: 'script', text, lineAt: (offset) => first + lineIndex(starts, offset) };
}

/** Replaces all characters except line breaks by blanks, so that lines and offsets are kept. */
export function blanked(text: string): string {
  return text.replace(/[^\r\n]/g, ' ');
}
