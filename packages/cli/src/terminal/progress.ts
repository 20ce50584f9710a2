import { formatBytes, type Progress, visible } from '@tidegate/core';
import type { Terminal } from './terminal.ts';

/** Milliseconds between two drawings. */
const EVERY = 150;

interface Transfer {
  readonly title: string;
  readonly total: number | undefined;
  bytes: number;
}

/** The transfers that run now, in one line that is drawn again: `layers 41% of 120 MiB · config 1 KiB`. */
export function statusProgress(terminal: Terminal): Progress {
  const running = new Set<Transfer>();
  let timer: NodeJS.Timeout | undefined;
  const draw = () => terminal.status([...running].map(textOf).join(' · '));
  return {
    start(title, total) {
      const transfer: Transfer = { title: visible(title), total, bytes: 0 };
      running.add(transfer);
      timer ??= setInterval(draw, EVERY).unref();
      return {
        advance(more) {
          transfer.bytes += more;
        },
        done() {
          running.delete(transfer);
          if (running.size > 0) return;
          clearInterval(timer);
          timer = undefined;
          terminal.status('');
        },
      };
    },
  };
}

function textOf({ title, total, bytes }: Transfer): string {
  if (total === undefined || total === 0) return `${title} ${formatBytes(bytes)}`;
  return `${title} ${Math.min(100, Math.floor((bytes / total) * 100))}% of ${formatBytes(total)}`;
}
