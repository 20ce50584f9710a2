import { type CommandTest, type ContentTest, clipped, type FileTest, type MetadataTest } from '@tidegate/core';
import type { ContainerEnd } from './container-engine.ts';
import { fromGo, matches } from './go-expression.ts';
import { type ImageConfig, inEnvironment } from './image-config.ts';
import { goMode, type ImageFile } from './image-files.ts';

/** Problems that a test found: none if it passed. Contains text of the image. */
export type Problems = readonly string[];

export interface TestResult {
  readonly name: string;
  readonly problems: Problems;
  /** Of the container's log, if the test failed. */
  readonly lastLines?: readonly string[] | undefined;
}

const SHOWN = 200;

/** Every expected expression matches, and no excluded one does. */
function textProblems(what: string, text: string, expected: readonly string[], excluded: readonly string[]): Problems {
  const found = () => `: ${JSON.stringify(clipped(text, SHOWN))}`;
  return [
    ...expected
      .filter((pattern) => !matches(fromGo(pattern), text))
      .map((pattern) => `${what} does not match ${JSON.stringify(pattern)}${found()}`),
    ...excluded
      .filter((pattern) => matches(fromGo(pattern), text))
      .map((pattern) => `${what} matches ${JSON.stringify(pattern)}, which is excluded${found()}`),
  ];
}

export function commandProblems(test: CommandTest, end: ContainerEnd): Problems {
  if (end.problem !== undefined) return [end.problem];
  const { exitCode, stdout, stderr } = end;
  return [
    ...textProblems('stdout', stdout, test.expectedOutput, test.excludedOutput),
    ...textProblems('stderr', stderr, test.expectedError, test.excludedError),
    ...(exitCode === test.exitCode ? [] : [`exit code ${exitCode}, expected ${test.exitCode}`]),
  ];
}

const EXECUTABLE = { any: 0o111, owner: 0o100, group: 0o010, other: 0o001 } as const;

export function fileProblems(test: FileTest, file: ImageFile | undefined): Problems {
  const { path, shouldExist, permissions, isExecutableBy } = test;
  if (!file) return shouldExist ? [`${path} does not exist`] : [];
  if (!shouldExist) return [`${path} exists`];
  const problems: string[] = [];
  const mode = goMode(file);
  if (permissions !== undefined && permissions !== mode) problems.push(`permissions ${mode}, expected ${permissions}`);
  for (const id of ['uid', 'gid'] as const) {
    // The original's word for any owner is -1.
    const wanted = test[id] ?? -1;
    if (wanted !== -1 && wanted !== file[id]) problems.push(`${id} ${file[id]}, expected ${wanted}`);
  }
  if (isExecutableBy !== undefined && (file.mode & EXECUTABLE[isExecutableBy]) === 0) {
    problems.push(`permissions ${mode}, expected to be executable by ${isExecutableBy}`);
  }
  return problems;
}

export function contentProblems(test: ContentTest, content: Uint8Array | undefined): Problems {
  if (!content) return [`${test.path} is not a file`];
  const text = Buffer.from(content).toString('utf8');
  return textProblems(test.path, text, test.expectedContents, test.excludedContents);
}

export function metadataProblems(test: MetadataTest, config: ImageConfig): Problems {
  const env = inEnvironment(config);
  return [
    ...pairProblems('variable', [...test.env, ...test.envVars], (key) => env.get(key)),
    ...pairProblems('label', test.labels, (key) => config.labels.get(key)),
    ...listProblems('entrypoint', test.entrypoint, config.entrypoint),
    ...listProblems('cmd', test.cmd, config.cmd),
    ...valueProblems('workdir', test.workdir, config.workdir),
    ...valueProblems('user', test.user, config.user),
    ...missing('port', test.exposedPorts, config.ports),
    ...present('port', test.unexposedPorts, config.ports),
    ...missing('volume', test.volumes, config.volumes),
    ...present('volume', test.unmountedVolumes, config.volumes),
  ];
}

function pairProblems(
  what: string,
  pairs: MetadataTest['labels'],
  find: (key: string) => string | undefined,
): Problems {
  return pairs.flatMap(({ key, value, isRegex }) => {
    const found = find(key);
    if (found === undefined) return [`there is no ${what} ${key}`];
    if (isRegex ? matches(fromGo(value), found) : found === value) return [];
    return [`${what} ${key} is ${JSON.stringify(clipped(found, SHOWN))}, expected ${JSON.stringify(value)}`];
  });
}

function listProblems(what: string, wanted: readonly string[] | undefined, found: readonly string[]): Problems {
  const isSame = wanted === undefined || JSON.stringify(wanted) === JSON.stringify(found);
  return isSame ? [] : [`${what} is ${clipped(JSON.stringify(found), SHOWN)}, expected ${JSON.stringify(wanted)}`];
}

function valueProblems(what: string, wanted: string | undefined, found: string): Problems {
  // An empty text is no expectation, as in the original.
  if (wanted === undefined || wanted === '' || wanted === found) return [];
  return [`${what} is ${JSON.stringify(clipped(found, SHOWN))}, expected ${JSON.stringify(wanted)}`];
}

const missing = (what: string, wanted: readonly string[], found: ReadonlySet<string>): Problems =>
  wanted.filter((one) => !found.has(one)).map((one) => `${what} ${one} is not declared`);

const present = (what: string, unwanted: readonly string[], found: ReadonlySet<string>): Problems =>
  unwanted.filter((one) => found.has(one)).map((one) => `${what} ${one} is declared`);
