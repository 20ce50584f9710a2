import type { Clock, Log, Progress } from '@tidegate/core';
import type { ChildContexts, Run, Toolbox } from '@tidegate/tools';

/** Services that every stage receives. Tests pass their own. */
export interface Services {
  readonly tools: Toolbox;
  readonly run: Run;
  readonly log: Log;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A folder for this run only; its creator removes it. */
  readonly temp: string;
  /** Creates the folder, HOME and environment that a program runs with: no token, no input, nothing from the runner. */
  readonly children: ChildContexts;
}
