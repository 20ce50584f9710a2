/**
 * Loaded into an action before its own code (`node --import`): notes, every few milliseconds and whenever a request
 * begins or ends, how long the main thread has been at work and how many requests are under way. Written when the
 * process ends, to BENCH_TIMELINE. See own-time.ts. JavaScript: to read TypeScript first would be part of what is measured.
 */

import { subscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

const file = process.env.BENCH_TIMELINE;
/** Milliseconds between two notes. A thread that is at work longer makes none meanwhile, and loses none: work adds up. */
const EVERY = 5;

if (file !== undefined) {
  /** @type {[at: number, active: number, requests: number][]} */
  const notes = [];
  let requests = 0;
  const note = () => {
    const { active } = performance.eventLoopUtilization();
    notes.push([performance.timeOrigin + performance.now(), active, requests]);
  };
  const count = (/** @type {number} */ by) => () => {
    note();
    requests += by;
    note();
  };
  subscribe('http.client.request.start', count(1));
  subscribe('http.client.response.finish', count(-1));
  subscribe('http.client.request.error', count(-1));
  setInterval(note, EVERY).unref();
  note();
  process.on('exit', () => {
    note();
    writeFileSync(file, JSON.stringify(notes));
  });
}
