import type { Clock, Log, Progress } from '@tidegate/core';
import type { ChildContexts, Run, Toolbox } from '@tidegate/tools';

/** What every stage is given. A test passes its own. */
export interface Services {
  readonly tools: Toolbox;
  readonly run: Run;
  readonly log: Log;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A folder for this run alone; whoever made it removes it. */
  readonly temp: string;
  /** Makes the folder, HOME and environment that a program runs with: no token, no input, nothing of the runner's. */
  readonly children: ChildContexts;
}
