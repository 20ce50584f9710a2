/**
 * A program that is put in a tool's place: a real process that leaves what it is told to leave and really ends as it is
 * told to. Node itself, and no shell: what is killed is the very process that was started.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What stands where a file was to be. */
export type Left =
  | { readonly kind: 'bytes'; readonly base64: string }
  /** A sparse file of that many bytes. */
  | { readonly kind: 'large'; readonly size: number }
  | { readonly kind: 'folder' | 'pipe' | 'device' };

export type End =
  | { readonly kind: 'exit'; readonly code: number }
  /** By name, or by number where Node has no name for it. */
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals | number }
  /** Goes on for ever: ends at SIGTERM, does not listen to it, or is stopped. */
  | { readonly kind: 'hang'; readonly how: 'idle' | 'deaf' | 'stopped' };

export interface Plan {
  readonly files: readonly { readonly path: string; readonly left: Left }[];
  readonly stdout: { readonly base64: string; readonly times: number };
  readonly stderr: { readonly text: string; readonly times: number };
  readonly end: End;
}

/** Names the file of the plan. */
export const PLAN = 'STAND_IN_PLAN';

const PROGRAM = `const fs = require('node:fs');
const path = require('node:path');
const plan = JSON.parse(fs.readFileSync(process.env.${PLAN}, 'utf8'));
for (const { path: file, left } of plan.files) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  if (left.kind === 'bytes') fs.writeFileSync(file, Buffer.from(left.base64, 'base64'));
  if (left.kind === 'large') { fs.writeFileSync(file, '{'); fs.truncateSync(file, left.size); }
  if (left.kind === 'folder') fs.mkdirSync(file);
  if (left.kind === 'device') fs.symlinkSync('/dev/zero', file);
  if (left.kind === 'pipe') require('node:child_process').execFileSync('mkfifo', [file]);
}
const say = (fd, bytes, times) => {
  for (let time = 0; time < times; time += 1) for (let at = 0; at < bytes.length; ) at += fs.writeSync(fd, bytes, at);
};
say(1, Buffer.from(plan.stdout.base64, 'base64'), plan.stdout.times);
say(2, Buffer.from(plan.stderr.text), plan.stderr.times);
const { end } = plan;
if (end.kind === 'exit') process.exit(end.code);
if (end.kind === 'signal') {
  // Node ignores some signals and handles others; who listened and stopped has the system's own way of dying back.
  const nothing = () => {};
  try { process.on(end.signal, nothing); process.off(end.signal, nothing); } catch {}
  process.kill(process.pid, end.signal);
}
if (end.how === 'deaf') process.on('SIGTERM', () => {});
if (end.how === 'stopped') process.kill(process.pid, 'SIGSTOP');
// Nobody may be left to end it.
setTimeout(() => process.exit(99), 60_000);
`;

/** @returns the folder that holds the program, once under each name */
export async function standIns(folder: string, names: readonly string[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const name of names) await writeFile(join(folder, name), `#!${process.execPath}\n${PROGRAM}`, { mode: 0o755 });
  return folder;
}
