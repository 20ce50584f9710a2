import { formatPlatform, planAnnotations, planLabels, planTags } from '@tidegate/core';
import { build, builderForCleanSources, type LintReport, platformDigests, type Services } from '@tidegate/pipeline';
import { gitStateOf, type Inputs, type Job, type Outputs } from '@tidegate/runner';
import { engineOf } from '../support/build/buildkit.ts';
import { cacheScope } from '../support/build/cache-scope.ts';
import { assertBuildCommitted } from '../support/build/committed-files.ts';
import { buildOptions } from '../support/build/options.ts';
import { newLayout } from '../support/layout-folder.ts';
import { loadedPolicy } from '../support/policy/policy.ts';
import { assertBuildLint, assertOwnContext, buildLevels, withSourceCheck } from '../support/reports/lint.ts';
import { reportLintBeside } from '../support/reports/lint-report.ts';
import { NO_TOOLS, withServices } from '../support/services.ts';
import type { action } from './action.ts';

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  await withServices(job, NO_TOOLS, (services) => assertBuildCommitted(inputs, job, services));
  const { sources } = await loadedPolicy(inputs, job, inputs.lint === 'off' ? {} : buildLevels(inputs));
  // The job that resolved the policy document has already applied the source rules.
  const isApplied = inputs.lint === 'off' && inputs['policy-document'] !== '';
  if (!isApplied) assertBuildLint(sources, inputs);
  assertOwnContext(sources, inputs.context, isApplied);
  const git = await gitStateOf(job, inputs.token, 'commit');
  // The tag rules of the push apply here, too: labels are part of the digest, which must not depend on the way the
  // actions are combined.
  const { version } = planTags(git, { tags: inputs.tags, now: job.clock() });
  const described = version ? { version } : {};
  const layout = await newLayout(inputs, job);
  const options = await buildOptions(inputs, job, git, {
    layout,
    labels: planLabels(git, { ...described, override: inputs.labels }),
    annotations: planAnnotations(planLabels(git, described), inputs.annotations),
  });
  const platforms = options.platforms.map(formatPlatform).join(', ') || 'the platform of the builder';
  job.log.info(
    `Build ${options.shownFile ?? 'Dockerfile'} for ${platforms} into an image layout; nothing is published.`,
  );
  const target = await withServices(job, inputs, (services) =>
    withSourceCheck(inputs, sources.levels, job, services, async (check) => {
      let found: LintReport | undefined;
      const builder = (inner: Services) =>
        builderForCleanSources(
          check,
          (beside) => engineOf(inputs, cacheScope(git, inputs.context), job, beside),
          inner,
          (report) => {
            found = report;
          },
        );
      try {
        return await build(options, builder, services);
      } finally {
        await reportLintBeside(found, inputs.lint === 'error' ? 'error' : 'none', job);
      }
    }),
  );
  return {
    layout,
    digest: target.image.root.digest,
    platforms: JSON.stringify(platformDigests(target.image)),
  };
}
