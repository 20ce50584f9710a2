import {
  buildLine,
  evaluatedPairs,
  formatPlatform,
  isPublished,
  planAnnotations,
  planLabels,
  planTags,
  rebuildSection,
} from '@tidegate/core';
import {
  build,
  buildAgain,
  builderForCleanSources,
  type LintReport,
  platformDigests,
  rebuildResult,
  type Services,
} from '@tidegate/pipeline';
import { gitStateOf, type Inputs, type Job, type Outputs } from '@tidegate/runner';
import { engineOf } from '../support/build/buildkit.ts';
import { assertMirrors, buildkitdConfig } from '../support/build/buildkitd-config.ts';
import { isBuiltElsewhere, withoutPushIdentities } from '../support/build/buildx-logins.ts';
import { cacheLogin } from '../support/build/cache-login.ts';
import { cacheScope } from '../support/build/cache-scope.ts';
import { assertBuildCommitted } from '../support/build/committed-files.ts';
import { assertEntitled } from '../support/build/entitlements.ts';
import { buildOptions } from '../support/build/options.ts';
import { exportedLines } from '../support/build/outputs.ts';
import { thisRunner } from '../support/build/second-build.ts';
import { newLayout } from '../support/layout-folder.ts';
import { tagOptions } from '../support/plan-inputs.ts';
import { loadedPolicy } from '../support/policy/policy.ts';
import { baseImageLogins, registryIdentities } from '../support/registry/registry-identities.ts';
import { commentingOwnFailure } from '../support/reports/failure-comment.ts';
import { assertBuildLint, assertOwnContext, buildLevels, withSourceCheck } from '../support/reports/lint.ts';
import { reportLintBeside } from '../support/reports/lint-report.ts';
import { rebuildSummary, reportRebuild } from '../support/reports/rebuild-report.ts';
import { NO_TOOLS, withServices } from '../support/services.ts';
import { action } from './action.ts';

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  return commentingOwnFailure(action, inputs, job, () => buildLayout(inputs, job));
}

async function buildLayout(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  const buildkitd = await buildkitdConfig(inputs, job);
  await withServices(job, NO_TOOLS, (services) => assertBuildCommitted(inputs, job, services, buildkitd?.files));
  const { policy, sources } = await loadedPolicy(inputs, job, inputs.lint === 'off' ? {} : buildLevels(inputs));
  // The job that resolved the policy document has already applied the source rules.
  const isApplied = inputs.lint === 'off' && inputs['policy-document'] !== '';
  if (!isApplied) assertBuildLint(sources, inputs);
  assertEntitled(inputs.allow, sources);
  assertMirrors(buildkitd, sources);
  assertOwnContext(sources, inputs.context, isApplied);
  const git = await gitStateOf(job, inputs.token, 'commit');
  // The tag rules of the push apply here, too: labels are part of the digest, which must not depend on the way the
  // actions are combined.
  const rules = tagOptions(inputs, job);
  const own = (input: 'labels' | 'annotations') => evaluatedPairs(inputs[input], git, rules, input);
  const planned = planTags(git, rules);
  const { version } = planned;
  const described = version ? { version } : {};
  const layout = await newLayout(inputs, job);
  const published = isPublished(git, planned, inputs['publish-branches']);
  const isElsewhere = isBuiltElsewhere(inputs, job.env);
  const baseInputs = isElsewhere ? withoutPushIdentities(inputs, inputs.destination) : inputs;
  const keyless = registryIdentities(baseInputs);
  const logins = await cacheLogin(inputs, { isPublished: published, isElsewhere, logins: keyless }, job);
  const options = await buildOptions(inputs, job, git, {
    layout,
    labels: planLabels(git, { ...described, override: own('labels') }),
    annotations: planAnnotations(planLabels(git, described), own('annotations')),
    destinations: inputs.destination,
    isPublished: published,
    buildkitd,
  });
  const platforms = options.platforms.map(formatPlatform).join(', ') || 'the platform of the builder';
  job.log.info(
    `Build ${options.shownFile ?? 'Dockerfile'} for ${platforms} into an image layout; nothing is published.`,
  );
  const { built, rebuilt } = await withServices(job, { ...inputs, allowed: policy.tools }, (services) =>
    withSourceCheck(inputs, sources.levels, job, services, async (check) => {
      let found: LintReport | undefined;
      const builder = (inner: Services) =>
        builderForCleanSources(
          check,
          async (beside) => {
            const own = await baseImageLogins(baseInputs, published, job);
            const more = { logins: [...own, ...logins], config: buildkitd?.config };
            return engineOf(inputs, cacheScope(git, inputs.context), job, beside, more);
          },
          inner,
          (report) => {
            found = report;
          },
        );
      let failure: unknown;
      try {
        if (options.second?.first) return await buildAgain(options, builder, services);
        const once = await build(options, builder, services);
        return { built: once, rebuilt: once.rebuilt };
      } catch (error) {
        failure = error;
        throw error;
      } finally {
        await reportLintBeside(found, inputs.lint === 'error' ? 'error' : 'none', job, { failure });
      }
    }),
  );
  if (rebuilt) reportRebuild(rebuilt, job);
  const facts = job.redacted({ build: built?.steps, rebuilt: rebuilt && rebuildSummary(rebuilt) });
  const lines = [buildLine(facts), rebuildSection(facts)].filter((line) => line !== '');
  if (lines.length > 0) await job.summarise(`${lines.join('\n\n')}\n`);
  return {
    // Of a second build that failed, there is only a warning.
    layout: built ? layout : '',
    digest: built?.image.root.digest ?? '',
    platforms: built ? JSON.stringify(platformDigests(built.image)) : '',
    reproduced: built && rebuilt ? rebuildResult(built, rebuilt, options) : '',
    runner: thisRunner(job),
    'output-files': exportedLines(built?.exported ?? []),
  };
}
