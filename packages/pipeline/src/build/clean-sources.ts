import { together } from '@tidegate/core';
import { assertClean } from '../lint/assert-clean.ts';
import type { LintReport } from '../lint/options.ts';
import type { Services } from '../services.ts';
import type { Builder } from './builder.ts';

/** Source rules, applied before a build. The check may start before anything else is known. */
export interface SourceCheck {
  readonly report: Promise<LintReport>;
  readonly failOn: 'error' | 'none';
}

/**
 * Get a builder after the sources have passed the source rules.
 * @param onReport called with the findings of the rules, also if the check fails
 * @throws TidegateError `gate` for a finding that fails
 */
export async function builderForCleanSources(
  check: SourceCheck | undefined,
  builder: (services: Services) => Promise<Builder>,
  services: Services,
  onReport: (report: LintReport) => void,
): Promise<Builder> {
  const clean = async () => {
    if (!check) return;
    const report = await check.report;
    onReport(report);
    assertClean(report.findings, check.failOn);
  };
  const [engine] = await together<[Builder, unknown]>(services.signal, (signal) => [
    builder({ ...services, signal }),
    clean(),
  ]);
  return engine;
}
