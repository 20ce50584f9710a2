import type { Rebuild } from '../reproduce/rebuild.ts';
import type { StepCounts } from './failure/transcript.ts';
import type { ExportedOutput } from './outputs.ts';

/** How a build ended that wrote an image. */
export interface BuildReport {
  readonly steps: StepCounts;
  /** Of the second build, if one was requested. */
  readonly rebuilt?: Rebuild | undefined;
  /** Files of `outputs`, in their places. */
  readonly exported: readonly ExportedOutput[];
}
