import { posix } from 'node:path';
import { nearest } from '@tidegate/core';
import type { Cause, Facts, Known } from './facts.ts';
import { networkError } from './network-errors.ts';

/** A source of COPY, ADD or a bind mount that is not there. */
export const fileMissing: Cause = async (facts) => {
  const { reason } = facts;
  const end = '": not found';
  if (!reason.includes('failed to calculate checksum of ref ') || !reason.endsWith(end)) return undefined;
  const found = reason.slice(reason.lastIndexOf('"', reason.length - end.length - 1) + 1, -end.length);
  const path = found.replace(/^\//, '');
  const [, from] = /(?:--from=|[,\s=]from=)([^\s,]+)/.exec(facts.instruction) ?? [];
  if (from !== undefined) {
    return {
      id: 'build-file-missing',
      message: `${found} does not exist in ${from}.`,
      next: `Check that ${from} creates it there, and that WORKDIR and the path agree.`,
    };
  }
  return outside(facts.instruction, path) ?? notInContext(facts, path);
};

/** `COPY ../file`: a path cannot leave the context. */
function outside(instruction: string, path: string): Known | undefined {
  const written = instruction
    .split(/\s+/)
    .find((word) => word.startsWith('../') && posix.resolve('/', word) === `/${path}`);
  if (written === undefined) return undefined;
  return {
    id: 'build-file-missing',
    message: `${written} is outside the build context.`,
    next: 'Set the input context to a folder that contains it, and the input file to this Dockerfile.',
  };
}

async function notInContext(facts: Facts, path: string): Promise<Known> {
  const state = await facts.inContext(path);
  if (typeof state === 'object') {
    return {
      id: 'build-file-excluded',
      message: `${path} is excluded from the build context by ${state.excludedBy}.`,
      next: `Add a line \`!${path}\` at the end of ${state.excludedBy}, or remove the rule that excludes it.`,
    };
  }
  const like = nearest(posix.basename(path), await facts.namesIn(posix.dirname(path)));
  return {
    id: 'build-file-missing',
    message: `${path} is not in the build context.`,
    next: like
      ? `Did you mean ${posix.join(posix.dirname(path), like)}?`
      : 'Check the path (relative to the input context) and its case. A file that an earlier step creates must exist before the build; a file that Git ignores is not in the checkout.',
  };
}

/** ADD of a URL. BuildKit names no line for it. */
export const downloadFailed: Cause = ({ reason, keyword, instruction }) => {
  if (keyword !== 'ADD') return undefined;
  const [, status] = /invalid response status (\d{3})/.exec(reason) ?? [];
  const [, actual] = /digest mismatch (sha256:[0-9a-f]{64})/.exec(reason) ?? [];
  if (status !== undefined) {
    return { id: 'build-download', message: `the server responded with ${status}.`, next: 'Check the URL.' };
  }
  if (actual !== undefined) {
    return {
      id: 'build-download-checksum',
      message: `the download does not match --checksum: its checksum is ${actual}.`,
      next: 'Find out why the file changed before you update the checksum.',
    };
  }
  const why = networkError(reason);
  if (why === undefined || !/https?:/.test(instruction)) return undefined;
  return {
    id: 'build-download',
    message: `the download failed (${why}).`,
    next: 'Check the URL, and whether the builder can reach it.',
  };
};

export const unreadable: Cause = ({ reason }) => {
  const [before, after] = reason.split(': permission denied', 2);
  if (after === undefined || !reason.includes('error from sender')) return undefined;
  const path = before?.split(' ').at(-1);
  return {
    id: 'build-file-unreadable',
    message: `${path} of the build context cannot be read.`,
    next: 'Grant the user of this step read access (a container may have written it as root), or exclude it in .dockerignore.',
  };
};
