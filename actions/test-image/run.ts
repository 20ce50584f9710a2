import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  assertFile,
  badInput,
  counted,
  type Digest,
  digestOf,
  type ImageTests,
  MAX_TESTS_BYTES,
  readImageTests,
  TidegateError,
  unreadablePath,
} from '@tidegate/core';
import {
  keepTestResults,
  openTarget,
  type PlatformTests,
  platformDigests,
  testImage,
  writeTestResults,
} from '@tidegate/pipeline';
import { failWithOutputs, type Inputs, type Job, type Outputs } from '@tidegate/runner';
import { existingLayout } from '../support/layout-folder.ts';
import { assertExpected } from '../support/registry/expected-digest.ts';
import { NO_TOOLS, withServices } from '../support/services.ts';
import type { action } from './action.ts';
import { report } from './report.ts';
import { runnablePlatforms } from './runnable.ts';

const DEFAULT_TIMEOUT = 60_000;

export async function run(inputs: Inputs<typeof action>, job: Job): Promise<Outputs<typeof action>> {
  if (inputs.tests.length === 0 && inputs.command.length === 0 && inputs['health-url'] === '') {
    const next = 'Set tests, command or health-url.';
    throw badInput('input-missing', 'tests', '', 'a file of tests, or another kind of test', next);
  }
  const timeout = inputs.timeout ?? DEFAULT_TIMEOUT;
  const exitCode = exitCodeOf(inputs['exit-code']);
  const files = await Promise.all(inputs.tests.map((path) => testsIn(path, job)));
  const layout = await existingLayout(inputs, job);
  const target = await openTarget(layout);
  assertExpected(target, inputs['expected-digest']);
  const runnable = await runnablePlatforms(inputs.platforms, target.image);
  job.log.info(`Test ${target.image.root.digest}; nothing is published.`);
  const options = {
    tests: files.map(({ tests }) => tests),
    command: inputs.command.length > 0 ? { args: inputs.command, exitCode } : undefined,
    runs: (platform: string) => runnable.has(platform),
    health: inputs['health-url'] === '' ? undefined : { url: healthUrl(inputs['health-url']), timeout },
    timeout,
  };
  const tested = await withServices(job, NO_TOOLS, (services) => testImage(target, options, services));
  const kept = await keepTestResults(target, tested, {
    configuration: [
      ...files.map(({ name, digest }) => ({ name, digest })),
      // By these, the results of two commands or URLs are told apart.
      ...(options.command ? [{ name: 'command', digest: digestOf(JSON.stringify(options.command)) }] : []),
      ...(options.health ? [{ name: 'health-url', digest: digestOf(JSON.stringify(options.health)) }] : []),
    ],
    url: runUrl(job),
  });
  if (inputs['results-dir'] !== '') await writeTestResults(resolve(job.workspace, inputs['results-dir']), kept);
  await report(tested, job);
  const results = tested.flatMap(({ results: ofPlatform }) => ofPlatform);
  const failed = results.filter(({ problems }) => problems.length > 0).length;
  const outputs = {
    passed: String(results.length - failed),
    failed: String(failed),
    layout,
    digest: target.image.root.digest,
    platforms: JSON.stringify(platformDigests(target.image)),
  };
  if (failed > 0) failWithOutputs(failure(tested, failed), outputs);
  return outputs;
}

function failure(tested: readonly PlatformTests[], failed: number): TidegateError {
  const first = tested.flatMap(({ platform, results }) =>
    results.flatMap(({ name, problems }) => (problems.length > 0 ? [`${platform}: ${name}: ${problems[0]}`] : [])),
  );
  return new TidegateError('image-tests-failed', `${counted(failed, 'test')} of the image failed. ${first[0]}`, {
    next: 'See the log for every test, and correct the image or the test.',
  });
}

interface TestsFile {
  /** As in the input. */
  readonly name: string;
  readonly digest: Digest;
  readonly tests: ImageTests;
}

async function testsIn(path: string, job: Job): Promise<TestsFile> {
  const file = resolve(job.workspace, path);
  try {
    assertFile(await stat(file), MAX_TESTS_BYTES);
    const bytes = await readFile(file);
    return { name: path, digest: digestOf(bytes), tests: await readImageTests(bytes, path) };
  } catch (error) {
    if (error instanceof TidegateError) throw error;
    throw unreadablePath('Input tests', path, 'a file of tests', error, file);
  }
}

function exitCodeOf(text: string): number {
  if (/^[0-9]{1,3}$/.test(text) && Number(text) <= 255) return Number(text);
  throw badInput('input-format-wrong', 'exit-code', text, 'a number from 0 to 255', 'Write for example 0.');
}

function healthUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHere = url?.protocol === 'http:' && ['localhost', '127.0.0.1'].includes(url.hostname) && url.port !== '0';
  if (isHere && url.username === '' && url.password === '') return url;
  const expected = "an http URL of localhost with the container's port";
  throw badInput(
    'input-format-wrong',
    'health-url',
    text,
    expected,
    'Write for example http://localhost:8080/healthz.',
  );
}

function runUrl({ env }: Job): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: id } = env;
  return server && repository && id ? `${server}/${repository}/actions/runs/${id}` : undefined;
}
