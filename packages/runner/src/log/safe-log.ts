import {
  createRedactor,
  harmlessLines,
  type Log,
  type Redactor,
  SHORTEST_MASKED,
  secretLines,
  visibleLine,
  withoutCommands,
} from '@tidegate/core';
import { GroupQueue } from './group-queue.ts';

interface Annotated {
  readonly file?: string;
  readonly startLine?: number | undefined;
  readonly title?: string | undefined;
  /** See Log.warning of core. @actions/core ignores it. */
  readonly isLogged?: boolean | undefined;
}

/** The calls of @actions/core that the log uses. */
export interface RunnerCommands {
  info(message: string): void;
  debug(message: string): void;
  notice(message: string, at?: { title?: string | undefined }): void;
  warning(message: string, at?: Annotated): void;
  error(message: string, at?: Annotated): void;
  startGroup(title: string): void;
  endGroup(): void;
  setSecret(secret: string): void;
}

export interface SafeLog extends Log {
  readonly redactor: Redactor;
  /** One line for the log: without secrets, invisible characters escaped, no command in it. */
  oneLine(text: string): string;
  /** Print the lines that groups still buffer: the process is about to end. */
  flush(): void;
}

/**
 * A log for the GitHub runner. The runner reads commands from any line of stdout, so every line is escaped
 * (packages/core, terminal.ts) and secrets are removed before it is printed; real commands go only through
 * @actions/core, which escapes their text.
 */
export function createSafeLog(commands: RunnerCommands): SafeLog {
  const redactor = createRedactor();
  let isTold = false;
  const tellShort = () => {
    if (isTold) return;
    isTold = true;
    commands.notice(
      `A secret of fewer than ${SHORTEST_MASKED} characters is not masked: masking it would hide ordinary text of the log.`,
    );
  };
  const oneLine = (text: string) => redactor.redact(withoutCommands(visibleLine(redactor.redact(text))));
  const queue = new GroupQueue({ open: (title) => commands.startGroup(title), close: () => commands.endGroup() });
  const root = logAt(
    { commands, redactor, oneLine, tellShort },
    (print) => print(),
    (line) => commands.info(line),
    queue,
    (line) => commands.info(line),
  );
  return { ...root, redactor, oneLine, flush: () => queue.flush() };
}

interface Shared {
  readonly commands: RunnerCommands;
  readonly redactor: Redactor;
  oneLine(text: string): string;
  /** Warn once that a secret is too short to be masked. */
  tellShort(): void;
}

/** Prints now, or when the surrounding group has its turn. */
type Say = (print: () => void) => void;

function logAt(
  shared: Shared,
  say: Say,
  print: (line: string) => void,
  queue: GroupQueue,
  printNested: (line: string) => void,
): Log {
  const { commands, redactor, oneLine, tellShort } = shared;
  // Text is redacted when it is printed, not when it is logged: a secret may become known while a group buffers it.
  return {
    debug: (message) => say(() => commands.debug(oneLine(message))),
    info: (message) =>
      say(() => {
        for (const line of harmlessLines(redactor.redact(message))) print(redactor.redact(line));
      }),
    notice: (message, at) =>
      say(() => commands.notice(oneLine(message), at?.title === undefined ? undefined : { title: oneLine(at.title) })),
    warning: (message, at) => say(() => commands[at?.level ?? 'warning'](oneLine(message), at && place(at, oneLine))),
    async group(title, work) {
      const group = queue.open(oneLine(title));
      const sayInside: Say = (what) => group.say(() => say(what));
      // GitHub folds one level only: a group inside a group is a heading with its lines indented below it.
      const nested = new GroupQueue({ open: (heading) => sayInside(() => printNested(heading)), close: () => {} });
      try {
        return await work(logAt(shared, sayInside, printNested, nested, (line) => printNested(`  ${line}`)));
      } finally {
        nested.flush();
        group.close();
      }
    },
    mask(secret) {
      const text = secret.trim();
      if (text === '') return;
      // For example a JSON file of `{}`, or a flag of `1`. The runner itself masks values of `secrets`, whatever their
      // length.
      if (text.length < SHORTEST_MASKED) return tellShort();
      redactor.add(secret);
      // The runner masks every line of a value, however short (AddMaskCommandExtension in actions/runner).
      const parts = /[\r\n]/.test(text) ? secretLines(secret) : [text];
      for (const part of parts) commands.setSecret(part);
    },
    redact: (text) => redactor.redact(text),
  };
}

function place(
  at: {
    readonly file: string;
    readonly line?: number | undefined;
    readonly title?: string | undefined;
    readonly isLogged?: boolean;
  },
  oneLine: (text: string) => string,
) {
  return {
    file: oneLine(at.file),
    startLine: at.line,
    title: at.title === undefined ? undefined : oneLine(at.title),
    isLogged: at.isLogged,
  };
}
