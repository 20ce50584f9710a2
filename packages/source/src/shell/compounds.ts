import type { Frame } from './frame.ts';
import type { Text, Word } from './syntax.ts';
import { KEYWORDS } from './wrappers.ts';

/** The compound commands of a script that are open: `if …` up to `fi`, `for …` up to `done`. */
export class Compounds {
  readonly #begun: number[] = [];

  /** @returns the number of the command that begins what this command ends */
  take(words: readonly Word[], at: number): number | undefined {
    let from: number | undefined;
    for (const { text } of words.slice(0, 3)) {
      if (/^(?:if|for|while|until|case|select)$/.test(text)) this.#begun.push(at);
      else if (/^(?:fi|done|esac|end)$/.test(text)) from = this.#begun.pop();
      else if (!KEYWORDS.has(text)) break;
    }
    return from;
  }

  get isOpen(): boolean {
    return this.#begun.length > 0;
  }
}

/** Maximum number of commands whose output is joined. */
const MOST_COMMANDS = 200;

/** The known output of all commands of a function or a compound command, of every branch. */
export function allPrinted({ printed, script }: Frame, from: number, to: number): Text | undefined {
  const end = Math.min(to, from + MOST_COMMANDS);
  const commands = script.commands.slice(from, end);
  const depth = Math.min(...commands.map((command) => command.depth ?? 0));
  const texts = commands.flatMap((command, at) => {
    const text = command.pipes || (command.depth ?? 0) > depth ? undefined : printed.get(from + at);
    return text ?? [];
  });
  return texts.length < 2 ? texts[0] : { text: texts.map(({ text }) => text).join('\n') };
}
