import { formatDuration, visibleLine } from '@tidegate/core';

/** Output of the demo: numbered stages, notes below them, and the reason for each wait. */
export interface Screen {
  stage(title: string): void;
  line(text?: string): void;
  /** A text that others wrote (a log, a summary), set apart. */
  quote(text: string): void;
  /** @param what is waited for; with a tick, it is there. */
  wait<T>(what: string, work: (say: (detail: string) => void) => Promise<T>): Promise<T>;
  /** Take a spinner off the screen, before the process ends in the middle of a wait. */
  clear(): void;
  readonly elapsed: () => string;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/** Where there is no terminal to draw on, a long wait says every so often that it still goes on. */
const REMINDER = 15_000;
const SOON = 1000;
const LONGEST_DETAIL = 100;

export function createScreen(out: NodeJS.WriteStream, stages: number): Screen {
  const terminal = out.isTTY === true && process.env.TERM !== 'dumb';
  const colours = terminal && !process.env.NO_COLOR;
  const paint = (code: number, text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const began = performance.now();
  const since = (then: number) => formatDuration(performance.now() - then);
  const write = (text: string) => out.write(`${text}\n`);
  const erase = () => terminal && out.write('\r\u001b[K');
  let number = 0;

  return {
    elapsed: () => since(began),
    clear: erase,
    line: (text = '') => write(text === '' ? '' : `  ${text}`),
    quote(text) {
      for (const line of text.split('\n')) write(paint(2, `  │ ${line}`));
    },
    stage(title) {
      number += 1;
      write(`\n${paint(1, `[${number}/${stages}] ${title}`)}${paint(2, `  (${since(began)})`)}`);
    },
    async wait(what, work) {
      const start = performance.now();
      let detail = '';
      let frame = 0;
      const draw = () => {
        const room = Math.max(20, (out.columns || 80) - 4);
        const text = `${what} … ${since(start)}${detail ? `: ${detail}` : ''}`;
        frame += 1;
        out.write(`\r\u001b[K  ${FRAMES[frame % FRAMES.length]} ${clip(text, room)}`);
      };
      const remind = () => write(`  … ${what} (${since(start)})${detail ? `: ${clip(detail, LONGEST_DETAIL)}` : ''}`);
      const timers = terminal ? [setInterval(draw, 100)] : [setTimeout(remind, SOON), setInterval(remind, REMINDER)];
      try {
        const result = await work((text) => {
          detail = visibleLine(text);
        });
        erase();
        write(`  ${paint(32, '✓')} ${what}${paint(2, `  (${since(start)})`)}`);
        return result;
      } catch (error) {
        erase();
        write(`  ${paint(31, '✗')} ${what}${paint(2, `  (${since(start)})`)}`);
        throw error;
      } finally {
        for (const timer of timers) clearInterval(timer);
      }
    },
  };
}

function clip(text: string, longest: number): string {
  const characters = [...text];
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : text;
}
