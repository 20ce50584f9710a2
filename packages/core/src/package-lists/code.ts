import { nameOf } from '../contents/layer-path.ts';

const ELF = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
const MODULE = /\.(?:py|pl|pm|rb|js|mjs|cjs|php|lua|jar|war|class|dll|a)$|\.so(?:\.|$)/;

/** Whether a file is a program, a library or a language module. Data files may be equal in two packages. */
export function isCode(path: string, start: Buffer): boolean {
  if (start.subarray(0, 4).equals(ELF) || start.subarray(0, 2).toString('latin1') === '#!') return true;
  return MODULE.test(nameOf(path));
}
