import type { Log } from '@tidegate/core';
import type { Services } from '@tidegate/pipeline';

const nothing = (): void => {};

/** A log that drops everything. */
export const SILENT: Log = {
  debug: nothing,
  info: nothing,
  notice: nothing,
  warning: nothing,
  mask: nothing,
  redact: (text) => text,
  group: (_title, work) => work(SILENT),
};

/** For stages that run no tool; using one would throw. */
export function silentServices(signal: AbortSignal = new AbortController().signal): Services {
  const progress = { start: () => ({ advance: nothing, done: nothing }) };
  return { log: SILENT, progress, clock: () => new Date(), signal } as Partial<Services> as Services;
}
