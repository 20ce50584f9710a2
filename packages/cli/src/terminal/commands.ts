import type { Host } from '@tidegate/runner';
import type { Wording } from './in-flags.ts';
import type { Terminal } from './terminal.ts';

type Commands = Host['commands'];

interface CommandOptions {
  readonly terminal: Terminal;
  readonly isDebug: boolean;
  /** Names flags in place of inputs. Default: the text as it is. */
  readonly wording?: Wording | undefined;
  /** The text of an input; '' if it was not given. */
  readonly read: (name: string) => string;
  readonly onOutput: (name: string, value: string) => void;
}

/**
 * The calls of @actions/core on a terminal. Nothing here is a workflow command, also if a workflow runs this program in
 * a `run:` step. The safe log has already removed secrets and escapes from every text.
 */
export function terminalCommands({ terminal, isDebug, read, onOutput, wording }: CommandOptions): Commands {
  const { line, paint } = terminal;
  const state = new Map<string, string>();
  let depth = 0;
  const worded = (message: string) => (wording ? wording(message) : message);
  const say = (text: string) => line(`${'  '.repeat(depth)}${text}`);
  return {
    info: (message) => {
      for (const one of message.split('\n')) say(one);
    },
    debug: (message) => {
      if (isDebug) say(paint.dim(`debug: ${message}`));
    },
    notice: (message, at) => say(`${paint.bold(at?.title ?? 'note')}: ${worded(message)}`),
    // A terminal has no lines of files to annotate.
    warning: (message, at) => at?.isLogged || say(`${paint.yellow('warning')}: ${placed(worded(message), at)}`),
    error: (message, at) => at?.isLogged || say(`${paint.red('error')}: ${placed(message, at)}`),
    startGroup: (title) => {
      say(paint.bold(title));
      depth += 1;
    },
    endGroup: () => {
      depth = Math.max(0, depth - 1);
    },
    // The log replaces secrets before it prints; there is no runner to tell.
    setSecret: () => {},
    getInput: read,
    setOutput: onOutput,
    saveState: (name, value) => void state.set(name, value),
    getState: (name) => state.get(name) ?? '',
    isDebug: () => isDebug,
    // Only a runner has tokens of its own: see idToken in runner, which reads SIGSTORE_ID_TOKEN first.
    getIDToken: async () => {
      throw new Error('only a GitHub workflow gives out identity tokens');
    },
  };
}

function placed(
  message: string,
  at: { file?: string; startLine?: number | undefined; title?: string | undefined } = {},
): string {
  const place = at.file === undefined ? '' : `${at.file}${at.startLine === undefined ? '' : `:${at.startLine}`}: `;
  return `${place}${at.title ? `${at.title}: ` : ''}${message}`;
}
