import { together } from '@tidegate/core';
import { assertClean, type LintReport } from '../lint/lint-source.ts';
import type { Services } from '../services.ts';
import type { Builder } from './engine.ts';

/** The rules for sources, applied before a build. The check may have begun before anything else was known. */
export interface SourceCheck {
  readonly report: Promise<LintReport>;
  readonly failOn: 'error' | 'none';
}

/**
 * An engine to build with, once the sources are known to be clean.
 * @param onReport called with what the rules found, also when that is refused
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
