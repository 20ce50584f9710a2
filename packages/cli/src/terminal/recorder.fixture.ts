import type { TerminalStream } from './terminal.ts';

/** A stream that keeps what is written to it. */
export function recorder(more: Partial<TerminalStream> = {}): TerminalStream & { text: string } {
  const stream = {
    ...more,
    text: '',
    write(text: string) {
      stream.text += text;
    },
  };
  return stream;
}
