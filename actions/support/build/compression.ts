import { badInput } from '@tidegate/core';
import type { BuildOptions } from '@tidegate/pipeline';

interface CompressionInputs {
  readonly compression: 'gzip' | 'zstd' | 'estargz' | '';
  readonly 'compression-level': string;
  readonly 'force-compression': boolean;
}

/** BuildKit fails at a higher one (util/compression), but only when it writes the first layer. */
const HIGHEST = { gzip: 9, zstd: 22, estargz: 9 } as const;

/** @throws TidegateError `bad-input` for a level that the compression does not have, or that has no effect */
export function compressionOf(inputs: CompressionInputs): BuildOptions['compression'] {
  const { compression: type, 'compression-level': written, 'force-compression': isForced } = inputs;
  if (type === '') {
    const given = written !== '' ? 'compression-level' : isForced ? 'force-compression' : undefined;
    if (given === undefined) return undefined;
    throw badInput(
      'input-conflict',
      'compression',
      '',
      `gzip, zstd or estargz, because ${given} is set`,
      `Set compression, or remove ${given}.`,
    );
  }
  if (written === '') return { type, isForced };
  const level = Number(written);
  if (/^\d{1,2}$/.test(written) && level <= HIGHEST[type]) return { type, level, isForced };
  const expected = `a level from 0 to ${HIGHEST[type]}, because compression is ${type}`;
  throw badInput('input-format-wrong', 'compression-level', written, expected, 'Leave it out for the default.');
}
