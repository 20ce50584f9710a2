import type { Remark } from '../finding.ts';
import type { Carried } from './delivery.ts';

/** A remark and its place in the script. */
export type HandMade = Omit<Remark, 'line' | 'endLine'> & {
  readonly offset: number;
  /** For an image transferred as an archive. */
  readonly carried?: Carried;
};
