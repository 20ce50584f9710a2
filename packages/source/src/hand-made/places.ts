import { lineIndex, lineStarts } from '../shell/lines.ts';
import type { Setting } from '../shell/runs.ts';

/** What runs together on one machine: a job, a rule of a Makefile. Absent where that is the whole file. */
interface Scoped {
  readonly scope?: string;
}

/** A place in a file where commands stand. */
export type Commands = Scoped &
  (
    | {
        readonly kind: 'script';
        readonly text: string;
        lineAt(offset: number): number;
        readonly isRemote?: true;
        /** What is known before it begins. */
        readonly setting?: Setting;
      }
    | { readonly kind: 'arguments'; readonly args: readonly string[]; readonly line: number }
  );

/** What a step of a workflow gives to an action that sends files away. */
interface Upload extends Scoped {
  readonly kind: 'upload';
  readonly words: readonly string[];
}

/** More of the file is made than is followed: what stands in it is read as it is written from there on. */
interface Cut extends Scoped {
  readonly kind: 'cut';
}

export type Place = Commands | Upload | Cut;

/** A script that is lines of its file, from `first` on. */
export function scriptFrom(text: string, first = 1): Commands {
  const starts = lineStarts(text);
  return { kind: 'script', text, lineAt: (offset) => first + lineIndex(starts, offset) };
}

/** Every character but line breaks becomes a blank, so that lines and offsets stay what they are. */
export function blanked(text: string): string {
  return text.replace(/[^\r\n]/g, ' ');
}
