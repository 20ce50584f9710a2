import type { Terminal } from './terminal/terminal.ts';

/** The process, for a command. */
export interface Io {
  readonly env: NodeJS.ProcessEnv;
  /** The current folder. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** stderr. */
  readonly terminal: Terminal;
  /** stdout is a terminal. */
  readonly isTerminal: boolean;
  /** stdout: the result, and nothing else. */
  print(text: string): void;
  stdin(): Promise<string>;
  /** Ask on the terminal. Without one, the answer is no. */
  confirm(question: string): Promise<boolean>;
}
