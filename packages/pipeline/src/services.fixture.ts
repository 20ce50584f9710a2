import type { Services } from './services.ts';

const nothing = () => {};

/** Services for work that starts no program. They log nothing and are never cancelled. */
export const services = {
  log: {
    debug: nothing,
    info: nothing,
    notice: nothing,
    warning: nothing,
    mask: nothing,
    redact: (text: string) => text,
  },
  progress: { start: () => ({ advance: nothing, done: nothing }) },
  clock: () => new Date(),
  signal: new AbortController().signal,
} as unknown as Services;
