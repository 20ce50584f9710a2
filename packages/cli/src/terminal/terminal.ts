import { withoutCommands } from '@tidegate/core';

/** Lines on stderr, and one line below them that is drawn again: the only writer to a terminal. */
export interface Terminal {
  /** A line. Its text is escaped; that a workflow command is none is made sure here, for a `run:` step of a workflow. */
  line(text: string): void;
  /** The line that shows progress; '' removes it. Ignored without a terminal. */
  status(text: string): void;
  readonly isInteractive: boolean;
  readonly paint: Paint;
}

interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

export interface TerminalStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

type Variables = Readonly<Record<string, string | undefined>>;

const ERASE = '\r\u001b[2K';

export function createTerminal(stream: TerminalStream, env: Variables): Terminal {
  const isInteractive = stream.isTTY === true && env.TERM !== 'dumb' && !env.CI;
  let shown = '';
  const erase = () => {
    if (shown !== '') stream.write(ERASE);
  };
  return {
    isInteractive,
    paint: paintFor(hasColor(stream, env)),
    line(text) {
      erase();
      stream.write(`${withoutCommands(text)}\n`);
      stream.write(shown);
    },
    status(text) {
      if (!isInteractive) return;
      erase();
      // A longer line would wrap, and only its last row could be erased.
      shown = text.slice(0, Math.max(20, (stream.columns ?? 80) - 1));
      stream.write(shown);
    },
  };
}

/** https://no-color.org, https://force-color.org: FORCE_COLOR overrides the check for a terminal, NO_COLOR everything. */
function hasColor(stream: TerminalStream, env: Variables): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return stream.isTTY === true && env.TERM !== 'dumb';
}

function paintFor(colored: boolean): Paint {
  const style = (open: number, close: number) => (text: string) =>
    colored ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    red: style(31, 39),
    green: style(32, 39),
    yellow: style(33, 39),
  };
}
