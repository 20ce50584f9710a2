import { isRecord, visibleLine } from '@tidegate/core';

/** The instruction that made a layer, as far as the image's history and the Dockerfile tell. */
export interface Instruction {
  /** As in the history, without BuildKit's remark. Untrusted text. */
  readonly text: string;
  /** From 1, if exactly one line of the Dockerfile has this text. */
  readonly line?: number | undefined;
}

const LONGEST = 80;

/**
 * BuildKit's provenance names layers by their digests before `rewrite-timestamp` changes them. The history of the image
 * config (image-spec, config.md) has one entry per layer in every case.
 */
export function instructionAt(config: unknown, at: number, dockerfile: string): Instruction | undefined {
  const history = isRecord(config) && Array.isArray(config.history) ? config.history : [];
  const entry: unknown = history.filter((one) => isRecord(one) && one.empty_layer !== true)[at];
  if (!isRecord(entry) || typeof entry.created_by !== 'string') return undefined;
  const text = entry.created_by.replace(/ # buildkit$/, '');
  const lines = dockerfile.split('\n').flatMap((line, index) => (isOf(line, text) ? [index + 1] : []));
  const shown = visibleLine(text);
  return {
    text: shown.length > LONGEST ? `${shown.slice(0, LONGEST - 1)}…` : shown,
    line: lines.length === 1 ? lines[0] : undefined,
  };
}

/** `RUN make \` is the begin of `RUN /bin/sh -c make install`. */
function isOf(line: string, text: string): boolean {
  const [keyword = '', ...rest] = line
    .replace(/\\\s*$/, '')
    .trim()
    .split(' ');
  const said = rest.join(' ').trim();
  return said !== '' && text.startsWith(`${keyword.toUpperCase()} `) && text.includes(said);
}
