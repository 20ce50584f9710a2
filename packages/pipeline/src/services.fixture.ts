import type { Services } from './services.ts';

const nothing = () => {};

/** For work that starts no program: it says nothing, and nobody cancels it. */
export const services = {
  log: { debug: nothing, info: nothing, notice: nothing, warning: nothing, mask: nothing },
  progress: { start: () => ({ advance: nothing, done: nothing }) },
  clock: () => new Date(),
  signal: new AbortController().signal,
} as unknown as Services;
