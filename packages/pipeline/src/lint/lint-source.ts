import type { Services } from '../services.ts';
import type { LintOptions, LintReport } from './options.ts';

/**
 * Check the repository against the source rules, before anything is built. None of its code is run. The rules and their
 * parsers are loaded here: BuildKit and the tools can start before.
 * @throws TidegateError `not-found` for a named Dockerfile that does not exist
 */
export async function lintSource(options: LintOptions, services: Services): Promise<LintReport> {
  const { checkSources } = await import('./check-sources.ts');
  return checkSources(options, services);
}
