import { stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { badInput, type SourceLevels, type SourcePolicy, TidegateError } from '@tidegate/core';
import { isGitContext, type LintOptions, lintSource, type Services, type SourceCheck } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { isSourceRule, LEVELS, type Level, SOURCE_RULES, type SourceRuleSettings } from '@tidegate/source';
import { isExecutable, resolvesOutside } from '@tidegate/tools';
import { contextNames } from '../build/context-artifact.ts';
import { ownSources } from '../build/own-commit.ts';
import { assertOwnFrontend } from '../build/own-frontend.ts';
import { programPath } from '../program-path.ts';

type Levels = Readonly<Record<string, Level | 'off'>>;

/** @throws TidegateError `bad-input` for a rule or a level that does not exist. */
export function levelsOf(levels: readonly (readonly [string, string])[], input = 'levels'): Levels {
  for (const [rule, level] of levels) {
    if (!Object.hasOwn(SOURCE_RULES, rule) && !/^(?:buildkit\/[A-Za-z]+|hadolint\/(?:DL|SC)\d+)$/.test(rule)) {
      const expected = 'a rule of docs/rules, buildkit/NAME or hadolint/CODE';
      throw badInput(
        'input-value-not-allowed',
        input,
        rule,
        expected,
        `The rules are ${Object.keys(SOURCE_RULES).join(', ')}.`,
      );
    }
    if (level !== 'off' && !(LEVELS as readonly string[]).includes(level)) {
      throw badInput(
        'input-value-not-allowed',
        input,
        level,
        'error, warning, note or off',
        `Write a level, for example ${rule}=warning.`,
      );
    }
  }
  return Object.fromEntries(levels) as Record<string, Level | 'off'>;
}

/** Levels of our own rules, which are part of the policy. */
export function ownLevels(levels: Levels): SourceLevels {
  return Object.fromEntries(Object.entries(levels).filter(([rule]) => isSourceRule(rule)));
}

/**
 * The policy decides on our own rules and already contains the input; the inputs decide on the rules of other checkers.
 */
export function ruleSettings(policy: SourceLevels, levels: Levels, exclude: readonly string[]): SourceRuleSettings {
  return { levels: { ...levels, ...policy }, exclude };
}

interface BuildInputs {
  readonly lint: 'error' | 'warn' | 'off';
  readonly 'lint-levels': readonly (readonly [string, string])[];
  readonly 'lint-exclude': readonly string[];
  readonly context: string;
  readonly file: string;
  readonly target: string;
  readonly 'build-args': readonly (readonly [string, string])[];
  readonly 'build-contexts': readonly (readonly [string, string])[];
  readonly 'context-artifact': string;
  readonly 'context-artifact-digest': string;
  readonly token: string;
}

/**
 * An extended policy applies its source rules whatever the inputs say, as it does its thresholds; the repository's own
 * levels would have no effect if the rules were off.
 * @param names of these inputs in the action
 * @throws TidegateError `bad-input`
 */
export function assertLintBounds(
  { setBy }: SourcePolicy,
  { lint, exclude = [] }: { readonly lint: 'error' | 'warn' | 'off'; readonly exclude?: readonly string[] },
  names: { readonly lint: readonly [name: string, value: string]; readonly exclude: string },
): void {
  const [name, value] = names.lint;
  if (setBy === 'extends' && lint !== 'error') {
    const next = 'Remove it; to keep a finding, add a comment with a reason to the source.';
    throw badInput(
      'input-not-in-policy',
      name,
      value,
      'error, because the policy extends another one, whose source rules apply',
      next,
    );
  }
  if (setBy === 'extends' && exclude.length > 0) {
    const next = 'Remove it; to keep a finding, add a comment with a reason to the source.';
    const expected = 'no value, because the policy extends another one, whose source rules apply to every file';
    throw badInput('input-not-in-policy', names.exclude, exclude.join(', '), expected, next);
  }
  if (setBy === 'file' && lint === 'off') {
    throw badInput(
      'input-not-in-policy',
      name,
      value,
      'error or warn, because the policy file sets sources.levels',
      'Remove it, or remove sources from the policy file.',
    );
  }
}

/**
 * The rules read the repository's own files. With a context of another repository, BuildKit would build from a
 * Dockerfile that no rule has checked.
 * @param isApplied another job has applied the rules, to the files of this repository
 * @throws TidegateError `bad-input`
 */
export function assertOwnContext({ setBy }: SourcePolicy, context: string, isApplied = false): void {
  if (!isGitContext(context) || (setBy === undefined && !isApplied)) return;
  const expected = 'a folder of the repository, because the source rules apply and read its files';
  throw badInput(
    'input-not-in-policy',
    'context',
    context,
    expected,
    'Check out the other repository, or build the image there.',
  );
}

const NAMES = { exclude: 'lint-exclude' } as const;

/** The same for the actions that build. */
export function assertBuildLint(
  sources: SourcePolicy,
  { lint, 'lint-exclude': exclude }: Pick<BuildInputs, 'lint' | 'lint-exclude'>,
): void {
  assertLintBounds(sources, { lint, exclude }, { ...NAMES, lint: ['lint', lint] });
}

/** @returns the levels of our own rules that the inputs set */
export function buildLevels(inputs: BuildInputs): SourceLevels {
  return ownLevels(levelsOf(inputs['lint-levels'], 'lint-levels'));
}

/**
 * Run the source rules on the Dockerfile that is built and on the repository, and `work` in parallel. They need only
 * the checkout, so they start first.
 */
export async function withSourceCheck<T>(
  inputs: BuildInputs,
  policy: SourceLevels,
  job: Job,
  services: Services,
  work: (check: SourceCheck | undefined) => Promise<T>,
): Promise<T> {
  if (inputs.lint === 'off') return work(undefined);
  const over = new AbortController();
  const signal = AbortSignal.any([services.signal, over.signal]);
  const report = lintSource(await optionsBeforeBuild(inputs, policy, job, services), { ...services, signal });
  // `work` awaits it. Until then, a failure must not be an unhandled rejection.
  report.catch(() => {});
  try {
    return await work({ report, failOn: inputs.lint === 'error' ? 'error' : 'none' });
  } finally {
    // After another failure the rules may still be reading, in a folder that is about to be removed.
    over.abort(new TidegateError('cancelled', 'The source rules are no longer needed.'));
    await report.catch(() => {});
  }
}

async function optionsBeforeBuild(
  inputs: BuildInputs,
  policy: SourceLevels,
  job: Job,
  services: Services,
): Promise<LintOptions> {
  assertOwnFrontend(inputs['build-args']);
  const context = resolve(job.workspace, inputs.context);
  const file = inputs.file ? resolve(job.workspace, inputs.file) : join(context, 'Dockerfile');
  // The build reports a missing Dockerfile; one in a git context is not on this machine.
  const isHere = !isGitContext(inputs.context) && (await stat(file).catch(() => undefined))?.isFile();
  const committed = await ownSources(context, inputs.token, job, services);
  return {
    root: job.workspace,
    committed,
    dockerfiles: isHere ? [file] : [],
    context,
    target: inputs.target || undefined,
    buildArgs: inputs['build-args'],
    buildContexts: contextNames(inputs),
    settings: ruleSettings(policy, levelsOf(inputs['lint-levels'], 'lint-levels'), inputs['lint-exclude']),
  };
}

/** `auto`: the one on PATH, if there is one; `off`: none; otherwise the path of a program. */
export async function hadolintOf(input: string, job: Job): Promise<string | undefined> {
  if (input === 'off') return undefined;
  if (input !== 'auto') {
    const path = await programPath('hadolint', input, job);
    if (await isExecutable(path)) return path;
    throw badInput(
      'input-path-unusable',
      'hadolint',
      input,
      'the path of an executable file',
      'Correct the path, or write hadolint: off.',
    );
  }
  for (const folder of (job.env.PATH ?? '').split(delimiter)) {
    // A program in a folder of the repository must not be run.
    if (!isAbsolute(folder) || !(await resolvesOutside(folder, job.workspace))) continue;
    const path = join(folder, 'hadolint');
    if (await isExecutable(path)) return path;
  }
  return undefined;
}
