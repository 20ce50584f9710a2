/** A carrier in a thread of its own: `carriers.ts` starts it, and offers what is to be carried. */
import { parentPort, workerData } from 'node:worker_threads';
import { Carrier, type Load, type Origin, type Trip } from './carrier.ts';

/** What the thread is given. */
export interface Brief {
  readonly origin: Origin;
  readonly claims: Int32Array;
  readonly me: number;
}
/** What it is told: an offer, or whose load to stop. */
export type Order = Load | number;
/** What it tells: bytes that came, or how a load ended. */
export interface Notice {
  readonly id: number;
  readonly moved?: number;
  readonly trip?: Trip;
}

/** Progress is told in steps: each costs the other thread some time. Bytes. */
const STEP = 4 * 1024 * 1024;

const { origin, claims, me } = workerData as Brief;
const tell = (notice: Notice): void => parentPort?.postMessage(notice);
const untold = new Map<number, number>();
const carrier = new Carrier(origin, claims, me, {
  moved(id, bytes) {
    const sum = (untold.get(id) ?? 0) + bytes;
    untold.set(id, sum < STEP ? sum : 0);
    if (sum >= STEP) tell({ id, moved: sum });
  },
  ended(id, trip) {
    untold.delete(id);
    tell({ id, trip });
  },
});

parentPort?.on('message', (order: Order) => {
  if (typeof order === 'number') carrier.stop(order);
  else carrier.offer(order);
});
