import type { Names } from './expansion.ts';
import type { Frame, Setting } from './frame.ts';
import type { State } from './state.ts';
import type { Text } from './syntax.ts';

/** Maximum number of commands in a substitution. */
const MOST_COMMANDS = 200;

/** Names that the words of a frame's commands may refer to. */
export function namesOf(frame: Frame, state: State, setting: Setting): Names {
  return {
    valuesOf: (name) => state.valuesOf(name) ?? setting.variables?.get(name)?.map((text) => ({ text })),
    get positional() {
      return frame.positional?.map(({ text }) => text);
    },
    zeroth: frame.zeroth,
    set: (name, value) => state.set(name, value, true),
    expression: (text) => setting.expression?.(text),
    printed: ({ from, to }) => {
      const found = printedIn(frame, from, to);
      return found && { ...found, text: found.text.trimEnd() };
    },
  };
}

/** The output of a substitution's first command with a known output: `$(which docker || which podman)`. */
export function printedIn({ printed, script }: Frame, from: number, to: number): Text | undefined {
  for (let at = from; at < Math.min(to, from + MOST_COMMANDS); at += 1) {
    const text = printed.get(at);
    if (text && !script.commands[at]?.pipes) return text;
  }
  return undefined;
}
