import { fileURLToPath } from 'node:url';
import { devTools } from '@tidegate/testkit';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export const standIns = {
  'actions/upload-artifact': here('stand-ins/upload-artifact'),
  'actions/download-artifact': here('stand-ins/download-artifact'),
  'docker/setup-qemu-action': here('stand-ins/setup-qemu-action'),
};

/** Milliseconds that a first build of these may take: it fetches their sources too. */
export const BUILD_TIME = 1_200_000;

/** Straight to stderr: Jest shows nothing of a hook that takes minutes the first time. */
export const log = (line: string) => process.stderr.write(`${line}\n`);
export const actBinary = async () => (await devTools(['act'], { log })).act;
export const actionlintBinary = async () => (await devTools(['actionlint'], { log })).actionlint;

/** `1` runs the sources, so that a change can be tried without bundling. What counts is the run without it. */
export const fromSource = process.env.TIDEGATE_E2E_FROM_SOURCE === '1';
