/** All wrong answers of a registry. */

import { authorising } from './answers/authorising.ts';
import { elsewhere } from './answers/elsewhere.ts';
import { errors } from './answers/errors.ts';
import { listing } from './answers/listing.ts';
import { raw } from './answers/raw.ts';
import { reading } from './answers/reading.ts';
import { resolving } from './answers/resolving.ts';
import { writing } from './answers/writing.ts';
import type { HostileCase } from './case.ts';

export const ANSWERS: readonly HostileCase[] = [
  ...resolving,
  ...reading,
  ...elsewhere,
  ...writing,
  ...listing,
  ...authorising,
  ...errors,
  ...raw,
];
