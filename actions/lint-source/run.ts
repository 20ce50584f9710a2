import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { badInput, hasKind, messageOf, TidegateError } from '@tidegate/core';
import { assertClean, isGitContext, type LintReport, lintSource } from '@tidegate/pipeline';
import { failWithOutputs, gitStateOf, type Inputs, type Job, type Outputs } from '@tidegate/runner';
import { engineOf } from '../support/build/buildkit.ts';
import { type CacheScope, cacheScope, UNKNOWN_RUN } from '../support/build/cache-scope.ts';
import { assertCommitted } from '../support/build/committed-folder.ts';
import { outputFolder } from '../support/build/output-folder.ts';
import { isInWorkspace, ownSources } from '../support/build/own-commit.ts';
import { assertOwnFrontend } from '../support/build/own-frontend.ts';
import { loadedPolicy } from '../support/policy/policy.ts';
import { commentingOwnFailure } from '../support/reports/failure-comment.ts';
import { assertLintBounds, hadolintOf, levelsOf, ownLevels, ruleSettings } from '../support/reports/lint.ts';
import { reportLint, writeLint } from '../support/reports/lint-report.ts';
import { NO_TOOLS, withServices } from '../support/services.ts';
import { action } from './action.ts';

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  return lintPaths(inputs, undefined, job);
}

/** @param paths folders and files to check; default: the whole workspace */
export async function lintPaths(
  inputs: Inputs<typeof action>,
  paths: readonly string[] | undefined,
  job: Job,
): Promise<Outputs<typeof action>> {
  const dockerfiles = inputs.files.join(', ') || (inputs['as-built'] ? 'the Dockerfile' : 'every Dockerfile');
  const named = paths?.join(', ') ?? `${dockerfiles} and the other sources`;
  job.log.info(`Check ${named} against the source rules; nothing is built.`);
  return commentingOwnFailure(action, inputs, job, () => lint(inputs, paths, job));
}

async function lint(
  inputs: Inputs<typeof action>,
  paths: readonly string[] | undefined,
  job: Job,
): Promise<Outputs<typeof action>> {
  const context = resolve(job.workspace, inputs.context);
  if (!inputs['as-built'] && !isGitContext(inputs.context) && !(await kindOf(context))?.isDirectory()) {
    // A misspelled path would narrow nothing: the run would look as if it had checked that path.
    throw badInput('input-path-unusable', 'context', inputs.context, 'an existing folder', 'Correct the path.');
  }
  for (const path of paths ?? []) await assertCheckable(path, job);
  const isKnown = await withServices(job, NO_TOOLS, (services) =>
    assertCommitted('The sources', context, job, services),
  );
  if (!isKnown && isInWorkspace(context, job)) {
    job.log.warning(
      'The sources lie in no git checkout: whether they are those of this commit is not known. → Run actions/checkout in this job, with git installed.',
    );
  }
  const dockerfiles = namedDockerfiles(inputs, context);
  const levels = levelsOf(inputs.levels);
  const { policy, preset, token, 'policy-document': path, 'policy-document-sha256': sha256 } = inputs;
  const document = { 'policy-document': path, 'policy-document-sha256': sha256 };
  const { sources } = await loadedPolicy({ policy, preset, token, ...document }, job, ownLevels(levels));
  const failOn = inputs['fail-on'];
  assertLintBounds(
    sources,
    { lint: failOn === 'none' ? 'warn' : 'error', exclude: inputs.exclude },
    { lint: ['fail-on', failOn], exclude: 'exclude' },
  );
  assertOwnFrontend(inputs['build-args']);
  const settings = ruleSettings(sources.levels, levels, inputs.exclude);
  const folder = await outputFolder('report-dir', inputs['report-dir'], join(job.temp, 'tidegate', 'lint'), job);
  const hadolint = await hadolintOf(inputs.hadolint, job);
  const report = await withServices(job, inputs, async (services) => {
    const committed = await ownSources(context, inputs.token, job, services);
    return lintSource(
      {
        root: job.workspace,
        committed,
        dockerfiles,
        context: inputs.context || inputs['as-built'] ? context : undefined,
        paths: paths?.map((path) => resolve(job.workspace, path)),
        target: inputs.target || undefined,
        buildArgs: inputs['build-args'],
        buildContexts: inputs['build-contexts'],
        settings,
        builder: inputs['buildkit-checks']
          ? async (inner) => engineOf(inputs, await scopeOf(inputs.context, job), job, inner)
          : undefined,
        hadolint: hadolint || undefined,
      },
      services,
    );
  });
  await assertChecked(report, paths, job);
  await reportLint(report, failOn, job);
  const outputs = outputsOf(report, await writeLint(job.redacted(report), folder, job.env.GITHUB_ACTION_REF));
  try {
    assertClean(report.findings, failOn);
  } catch (error) {
    if (report.failed) job.log.warning(`${report.failed.message} → ${report.failed.next}`);
    failWithOutputs(error, outputs);
  }
  if (report.failed) failWithOutputs(withoutBuildkit(report.failed, inputs), outputs);
  return outputs;
}

const kindOf = (path: string) => stat(path).catch(() => undefined);

async function assertCheckable(path: string, job: Job): Promise<void> {
  const found = await kindOf(resolve(job.workspace, path));
  if (found?.isFile() || found?.isDirectory()) return;
  throw badInput('input-path-unusable', 'paths', path, 'an existing file or folder', 'Correct the path.');
}

/** @throws TidegateError `dockerfile-missing` if nothing was checked: a run that passes would say too much */
async function assertChecked(
  { dockerfiles, others }: LintReport,
  paths: readonly string[] = [''],
  job: Job,
): Promise<void> {
  const kinds = await Promise.all(paths.map((path) => kindOf(resolve(job.workspace, path))));
  if (dockerfiles > 0 || kinds.every((kind) => kind?.isFile())) return;
  const folder = JSON.stringify(paths.map((path) => path || job.workspace).join(', '));
  const next =
    'Set files to the path of a Dockerfile with another name, or change the folder. Run git add for a new file: only files that git tracks are found.';
  if (others === 0) {
    const message = `No Dockerfile, script or manifest to check was found in ${folder}.`;
    throw new TidegateError('dockerfile-missing', message, { next });
  }
  job.log.notice(`No Dockerfile was found in ${folder}: only other files were checked. → ${next}`);
}

/** The source rules have been applied. A machine that has no BuildKit can do without BuildKit's own checks. */
function withoutBuildkit(failed: TidegateError, inputs: Inputs<typeof action>): TidegateError {
  if (!inputs['buildkit-checks'] || !hasKind(failed, 'network', 'not-found')) return failed;
  const { id, message, next = '', cause, place } = failed;
  const also = `${next} The source rules need no BuildKit: set buildkit-checks to false.`.trim();
  return new TidegateError(id, `BuildKit's own checks did not run: ${message}`, { next: also, cause, place });
}

/**
 * A workflow cannot put the path together itself: an expression keeps the blanks that each action removes from its inputs,
 * so that `app /Dockerfile` would be checked, and `app/Dockerfile` built.
 * @returns undefined for every Dockerfile in the repository
 * @throws TidegateError `bad-input`
 */
function namedDockerfiles(
  { files, 'as-built': asBuilt }: Inputs<typeof action>,
  context: string,
): readonly string[] | undefined {
  const manifest = files.find((file) => /\.(?:ya?ml|json)$/i.test(file));
  if (manifest !== undefined) {
    const next = 'Remove it: manifests that git tracks are checked anyway.';
    throw badInput('input-path-unusable', 'files', manifest, 'the path of a Dockerfile, not of a manifest', next);
  }
  if (!asBuilt) return files.length > 0 ? files : undefined;
  if (files.length > 1) {
    throw badInput(
      'input-conflict',
      'files',
      files.join(', '),
      'one path, because as-built is true',
      'Keep the path of the Dockerfile that is built.',
    );
  }
  return files.length > 0 ? files : [join(context, 'Dockerfile')];
}

/** The sources can be checked without a commit, but then no cache or trust is derived from one. */
async function scopeOf(context: string, job: Job): Promise<CacheScope> {
  try {
    return cacheScope(await gitStateOf(job, '', 'commit'), context);
  } catch (error) {
    job.log.debug(
      `Running BuildKit with the cache scope of untrusted runs, because the origin of this run is unknown: ${messageOf(error)}`,
    );
    return UNKNOWN_RUN;
  }
}

function outputsOf(report: LintReport, paths: { json: string; sarif: string }): Outputs<typeof action> {
  const count = (level: string) => String(report.findings.filter((finding) => finding.level === level).length);
  return {
    findings: String(report.findings.length),
    errors: count('error'),
    warnings: count('warning'),
    ignored: String(report.ignored),
    'findings-path': paths.json,
    'sarif-path': paths.sarif,
  };
}
