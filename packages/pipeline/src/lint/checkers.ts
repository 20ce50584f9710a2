import { basename } from 'node:path';
import { hasKind, messageOf, TidegateError } from '@tidegate/core';
import { buildkitFindings, type Foreign, hadolintFindings } from '@tidegate/source';
import type { Builder } from '../build/builder.ts';
import type { Services } from '../services.ts';

/** One Dockerfile and the parameters of its build. Paths are absolute. */
export interface CheckedDockerfile {
  /** Name in findings. */
  readonly name: string;
  readonly path: string;
  readonly context: string;
  readonly target?: string | undefined;
  readonly buildArgs: readonly (readonly [string, string])[];
  readonly buildContexts: readonly (readonly [string, string])[];
}

/** Linters with their own rules. */
export interface Checkers {
  /** The first failure. No checker runs after it. */
  readonly failed: TidegateError | undefined;
  ask(file: CheckedDockerfile, root: string): Promise<readonly Foreign[]>;
}

/**
 * A checker that is unavailable or fails does not affect the findings of the rules: the failure is reported separately.
 */
export async function checkersOf(
  asked: {
    readonly builder?: ((services: Services) => Promise<Builder>) | undefined;
    readonly hadolint?: string | undefined;
  },
  services: Services,
): Promise<Checkers> {
  let failed: TidegateError | undefined;
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    if (failed) return undefined;
    try {
      return await work();
    } catch (error) {
      if (services.signal.aborted || !(error instanceof TidegateError)) throw error;
      failed = error;
      return undefined;
    }
  };
  const { builder: start, hadolint } = asked;
  const builder = start && (await attempt(() => start(services)));
  return {
    get failed() {
      return failed;
    },
    async ask(file, root) {
      const answers = [
        builder && (await attempt(() => askBuildkit(file, builder, root, services))),
        hadolint === undefined ? undefined : await attempt(() => askHadolint(file, hadolint, services)),
      ];
      return answers.filter((answer) => answer !== undefined);
    },
  };
}

/** In milliseconds. Nothing is built: the Dockerfile is parsed, and the configurations of base images are fetched. */
const PATIENCE = 120_000;

/**
 * Run BuildKit's own checks. Relative paths of build contexts are resolved from `root`.
 * @throws TidegateError `tool` when the check could not run
 */
async function askBuildkit(
  file: CheckedDockerfile,
  builder: Builder,
  root: string,
  services: Services,
): Promise<Foreign> {
  const buildx = await services.tools.get('buildx');
  const pairs = (flag: string, entries: CheckedDockerfile['buildArgs']) =>
    entries.flatMap(([key, value]) => [flag, `${key}=${value}`]);
  const argv = [
    'build',
    ...['--builder', builder.name],
    ...['--call', 'check,format=json'],
    ...['--progress', 'plain'],
    ...['--file', file.path],
    ...(file.target ? ['--target', file.target] : []),
    ...pairs('--build-arg', file.buildArgs),
    ...pairs('--build-context', file.buildContexts),
    ...['--', file.context],
  ];
  const { stdout, stderr, exitCode } = await services.run(buildx.path, argv, {
    context: await services.children.create({ cwd: root, login: 'buildx', set: builder.env }),
    timeout: PATIENCE,
    signal: services.signal,
    // Exit code 1 means that there are findings, but also any failure, so the report itself decides.
    answers: [0, 1],
  });
  try {
    return { checker: 'buildkit', findings: buildkitFindings(stdout, file.name) };
  } catch (cause) {
    const last = stderr.trimEnd().split('\n').slice(-6).join('\n').slice(-2000);
    throw new TidegateError(
      'buildkit-check-failed',
      `BuildKit did not check ${file.name} (exit code ${exitCode}, ${messageOf(cause)}). Last output:\n${last}`,
      { next: 'Check that it can reach the frontend in the # syntax line, or set buildkit-checks to false.', cause },
    );
  }
}

/**
 * Run hadolint with its defaults: the repository's configuration must not disable rules.
 * @throws TidegateError `tool` when it failed
 */
async function askHadolint(file: CheckedDockerfile, program: string, services: Services): Promise<Foreign> {
  const context = await services.children.create();
  const shown = ['--no-fail', '--no-color', '--format', 'json'];
  const { stdout } = await services.run(program, ['--config', context.emptyConfig, ...shown, '--', file.path], {
    context,
    timeout: PATIENCE,
    signal: services.signal,
  });
  try {
    return { checker: 'hadolint', findings: hadolintFindings(stdout, file.name) };
  } catch (cause) {
    if (hasKind(cause, 'cancelled')) throw cause;
    throw new TidegateError(
      'hadolint-report-unreadable',
      `${basename(program)} wrote no readable report of ${file.name}.`,
      {
        next: 'Use hadolint 2, or set hadolint to off.',
        cause,
      },
    );
  }
}
