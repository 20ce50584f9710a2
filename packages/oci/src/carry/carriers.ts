import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Pace } from '../pace.ts';
import { atOnce, LEAST_AT_ONCE } from './at-once.ts';
import { Carrier, type Load, type Origin, type Trip } from './carrier.ts';
import type { Brief, Notice, Order } from './carry-thread.ts';

/** Threads beside this one. More than these have never been what a copy waited for. */
const THREADS = 2;
/** A bundle has the thread's code beside it, under this name. */
const THREAD = import.meta.url.endsWith('.ts') ? './carry-thread.ts' : './carry-thread.js';
/**
 * Loads offered beyond those under way, for each carrier: this thread may be busy when one of them is through, and one
 * that is through counts until its file is synced.
 */
const AHEAD = 8;
/** In place of a carrier's number: nobody is to have it. */
const WITHDRAWN = -1;

export interface TakeOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

interface Errand {
  readonly moved: (bytes: number) => void;
  readonly end: (trip: Trip) => void;
}

/**
 * Carriers of one origin: one in this thread, and where it is worth it others in threads of their own, as many as there
 * are processors for them.
 */
export class Carriers {
  readonly #origin: Origin;
  readonly #claims: Int32Array;
  /** How many carry. */
  readonly #hands: number;
  readonly #threads: Worker[] = [];
  readonly #errands = new Map<number, Errand>();
  readonly #here: Carrier;
  #over = false;
  #count = 0;

  /**
   * @param loads how many there may be
   * @param threads whether others beside this one are to carry
   */
  constructor(origin: Origin, loads: number, threads: boolean) {
    this.#origin = origin;
    this.#hands = 1 + (threads ? Math.min(THREADS, availableParallelism() - 1) : 0);
    this.#claims = new Int32Array(new SharedArrayBuffer(loads * Int32Array.BYTES_PER_ELEMENT));
    try {
      for (let me = 1; me < this.#hands; me += 1) this.#threads.push(this.#startThread(me));
    } catch {
      // Node's own permissions may forbid threads: then this one carries alone.
    }
    this.#here = new Carrier(origin, this.#claims, this.#hands, {
      moved: (id, bytes) => this.#errands.get(id)?.moved(bytes),
      ended: (id, trip) => this.#ended(id, trip),
    });
  }

  /**
   * How many loads they want to have at the same time, where a registry takes `limit` requests at once.
   * @returns undefined where nobody carries (any more)
   */
  wanted(limit: number): number | undefined {
    if (this.#over) return undefined;
    return Math.max(limit, this.#hands * LEAST_AT_ONCE) + this.#hands * AHEAD;
  }

  /** @returns undefined where nobody carries (any more). Rejects with nothing but what `onBytes` throws. */
  async take(
    load: Pick<Load, 'ask' | 'size' | 'file'>,
    pace: Pick<Pace, 'limit' | 'quickest'>,
    options: TakeOptions,
  ): Promise<Trip | undefined> {
    const id = this.#count;
    if (options.signal?.aborted || this.#over || id === this.#claims.length) return undefined;
    this.#count += 1;
    const stop = (): void => this.#stop(id);
    let failure: { readonly error: unknown } | undefined;
    const moved = (bytes: number): void => {
      if (failure) return;
      try {
        options.onBytes?.(bytes);
      } catch (error) {
        // There is nobody to catch it where bytes come in: it would end the process.
        failure = { error };
        stop();
      }
    };
    options.signal?.addEventListener('abort', stop, { once: true });
    try {
      const trip = await new Promise<Trip>((end) => {
        this.#errands.set(id, { moved, end });
        for (const thread of this.#threads) thread.ref();
        this.#offer({ ...load, id, atOnce: atOnce(load.size, pace, this.#hands) });
      });
      if (failure) throw failure.error;
      return trip;
    } finally {
      options.signal?.removeEventListener('abort', stop);
    }
  }

  /** What is still being carried ends. */
  close(): void {
    this.#end();
    this.#here.close();
    for (const thread of this.#threads) void thread.terminate();
  }

  #startThread(me: number): Worker {
    const workerData: Brief = { origin: this.#origin, claims: this.#claims, me };
    // It needs nothing of the environment, and there may be secrets in it.
    const thread = new Worker(new URL(THREAD, import.meta.url), { workerData, env: {}, execArgv: [] });
    thread.on('message', ({ id, moved, trip }: Notice) => {
      if (trip) this.#ended(id, trip);
      else this.#errands.get(id)?.moved(moved ?? 0);
    });
    const died = (): void => {
      this.#end();
      // What it did is unknown: as good as nothing, since whoever goes on writes over it.
      for (const id of this.#errands.keys()) if (this.#claims[id] === me) this.#ended(id, { bytes: 0 });
    };
    thread.on('error', died).on('exit', died).unref();
    return thread;
  }

  #offer(load: Load): void {
    for (const thread of this.#threads) thread.postMessage(load satisfies Order);
    this.#here.offer(load);
  }

  #stop(id: number): void {
    if (this.#withdraw(id)) return;
    for (const thread of this.#threads) thread.postMessage(id satisfies Order);
    this.#here.stop(id);
  }

  /** @returns whether nobody had it yet, and nobody will */
  #withdraw(id: number): boolean {
    if (Atomics.compareExchange(this.#claims, id, 0, WITHDRAWN) !== 0) return false;
    this.#ended(id, { bytes: 0 });
    return true;
  }

  #ended(id: number, trip: Trip): void {
    this.#errands.get(id)?.end(trip);
    this.#errands.delete(id);
    // Whatever else this thread has to do would wait for the disk as well.
    if (trip.slow && this.#threads.length > 0) this.#here.retire();
    else if (trip.slow || trip.refused) this.#end();
    if (this.#errands.size === 0) for (const thread of this.#threads) thread.unref();
  }

  /** Nothing more is begun. */
  #end(): void {
    this.#over = true;
    for (const id of this.#errands.keys()) this.#withdraw(id);
  }
}
