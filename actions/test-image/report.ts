import { clipped, counted, escapeMarkdown, inlineCode, table } from '@tidegate/core';
import type { PlatformTests } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';

const LONGEST = 400;
/** More than anybody reads. */
const MOST_ROWS = 50;

/** Every test in the log; the failed ones in the job summary. */
export async function report(tested: readonly PlatformTests[], job: Job): Promise<void> {
  const rows: string[][] = [];
  for (const { platform, results, skipped } of tested) {
    for (const { name, problems, lastLines = [] } of results) {
      if (problems.length === 0) job.log.info(`passed  ${platform}  ${name}`);
      for (const problem of problems) {
        job.log.info(`FAILED  ${platform}  ${name}: ${clipped(problem, LONGEST)}`);
        rows.push([platform, inlineCode(clipped(name)), escapeMarkdown(clipped(problem, LONGEST))]);
      }
      for (const line of lastLines) job.log.info(`  container: ${clipped(job.redacted(line), LONGEST)}`);
    }
    if (skipped === 0) continue;
    job.log.notice(
      `${platform}: ${counted(skipped, 'test')} did not run, because this machine cannot run its containers. ` +
        'The platform gets no test result: test it on another runner, or set up emulation (docker/setup-qemu-action).',
    );
  }
  const all = tested.flatMap(({ results }) => results);
  const failed = all.filter(({ problems }) => problems.length > 0).length;
  const verdict =
    failed === 0 ? `${counted(all.length, 'test')} passed` : `${failed} of ${counted(all.length, 'test')} failed`;
  const parts = [`## Tests of the image: ${verdict}`];
  if (rows.length > 0) parts.push(table(['Platform', 'Test', 'Found'], rows.slice(0, MOST_ROWS)));
  if (rows.length > MOST_ROWS) parts.push(`${rows.length - MOST_ROWS} more are in the log.`);
  await job.summarise(`${parts.join('\n\n')}\n`);
}
