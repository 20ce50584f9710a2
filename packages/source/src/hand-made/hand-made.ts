import type { Remark } from '../finding.ts';
import type { Carried } from './delivery.ts';

/** A remark and where in the script it is. */
export type HandMade = Omit<Remark, 'line' | 'endLine'> & {
  readonly offset: number;
  /** Of an image that is carried as an archive. */
  readonly carried?: Carried;
};
