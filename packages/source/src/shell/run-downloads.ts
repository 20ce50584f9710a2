/** Downloads whose content a shell or an interpreter runs, so that nothing can check it before. */
import type { Budget } from './budget.ts';
import { Downloads, type RunDownload } from './downloads.ts';
import { runsOf, runsOfWords } from './runs.ts';
import type { Word } from './syntax.ts';

/**
 * `curl … | sh`, `sh -c "$(curl …)"`, `bash <(curl …)`, `curl -o a …; sh a`, also by variables and functions.
 * @param budget for all scripts of a file
 * @param variables with values that are known before the script runs
 */
export function runDownloads(
  script: string,
  budget: Budget,
  variables: ReadonlyMap<string, readonly string[]> = new Map(),
): RunDownload[] {
  const downloads = new Downloads();
  runsOf(script, { downloads, variables }, budget);
  return downloads.found;
}

/** The same for one command. */
export function runDownloadsOf(words: readonly Word[], budget: Budget): RunDownload[] {
  const downloads = new Downloads();
  runsOfWords(words, undefined, budget, { downloads });
  return downloads.found;
}
