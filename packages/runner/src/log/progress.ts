import { formatBytes, formatDuration, type Progress } from '@tidegate/core';

export interface ProgressOptions {
  /** The output for a line. */
  readonly write: (line: string) => void;
  /** Milliseconds that only go forward (performance.now). */
  readonly now: () => number;
  /** Calls `tick` every so many milliseconds until the returned function is called; must not keep the process alive. */
  readonly ticker: (milliseconds: number, tick: () => void) => () => void;
  /** Milliseconds between two lines about the same transfer. */
  readonly every?: number;
}

/**
 * Byte progress as log lines: `layers: 120.3 MiB of 400 MiB, 35 MiB/s`. At most one line per `every` milliseconds, also
 * while nothing moves, so that a wait never looks like a hang; no line for a transfer that ends before the first.
 */
export function createProgress({ write, now, ticker, every = 5000 }: ProgressOptions): Progress {
  return {
    start(title, total) {
      const began = now();
      let bytes = 0;
      let shown = { at: began, bytes: 0 };
      let moved = began;
      let lines = 0;
      const stop = ticker(every, () => {
        const at = now();
        const rate = (bytes - shown.bytes) / ((at - shown.at) / 1000 || 1);
        const tail = bytes > shown.bytes ? `${formatBytes(rate)}/s` : `no data for ${formatDuration(at - moved)}`;
        write(`${title}: ${formatBytes(bytes)}${total === undefined ? '' : ` of ${formatBytes(total)}`}, ${tail}`);
        shown = { at, bytes };
        lines += 1;
      });
      return {
        advance(more) {
          bytes += more;
          moved = now();
        },
        done() {
          stop();
          if (lines === 0) return;
          const took = now() - began;
          write(
            `${title}: ${formatBytes(bytes)} in ${formatDuration(took)}, ${formatBytes(bytes / (took / 1000 || 1))}/s`,
          );
        },
      };
    },
  };
}

/** A ticker on Node's timers that does not keep the process alive. */
export function nodeTicker(milliseconds: number, tick: () => void): () => void {
  const timer = setInterval(tick, milliseconds);
  timer.unref();
  return () => clearInterval(timer);
}
