/** BuildKit's own parser (its Go package) and our reader read the same in a Dockerfile. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Instruction, parseDockerfile, stagesOf } from '@tidegate/source';
import { developerRun, devTools } from '@tidegate/testkit';
import { filesIn } from '../../packages/source/src/marked.fixture.ts';

interface Read {
  readonly error?: string;
  readonly escape?: string;
  readonly instructions?: readonly object[];
  readonly stageError?: string;
  readonly stages?: readonly { name: string; base: string; startLine: number; commands: readonly string[] }[];
}

let folder = '';
let parser = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dockerfile-parser-'));
  await mkdir(join(folder, 'files'));
  parser = (await devTools(['dockerfile-parser'], { log: (line) => process.stderr.write(`${line}\n`) }))[
    'dockerfile-parser'
  ];
}, 1_200_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function buildkitReads(texts: readonly string[]): Promise<Read[]> {
  const files = texts.map((_, at) => join(folder, 'files', String(at)));
  for (const [at, file] of files.entries()) await writeFile(file, texts[at] ?? '');
  const { stdout } = await developerRun(parser, files, { timeout: 120_000 });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function weRead(text: string): Read {
  try {
    const file = parseDockerfile(text);
    const { stages, problems } = stagesOf(file);
    return {
      escape: file.escape,
      instructions: file.instructions.map(shown),
      ...(problems.length > 0 ? { stageError: 'some' } : {}),
      stages: stages.map(({ name = '', base, instruction, instructions }) => ({
        ...{ name, base, startLine: instruction.startLine },
        commands: instructions.map(({ keyword }) => keyword),
      })),
    };
  } catch (error) {
    return { error: String(error) };
  }
}

function shown(one: Instruction): object {
  const { keyword, flags, args, isJson, startLine, endLine, onbuild } = one;
  const heredocs = one.heredocs.map(({ name, expand, chomp, content }) => ({ name, expand, chomp, content }));
  const nested = onbuild ? { onbuild: shown(onbuild) } : {};
  return { keyword, flags, arguments: args, json: isJson, startLine, endLine, heredocs, ...nested };
}

/** Both refuse it, or both read the same in it. */
function expectAgreement(text: string, theirs: Read): void {
  const ours = weRead(text);
  if (theirs.error !== undefined || ours.error !== undefined) {
    expect({ text, refused: ours.error !== undefined }).toEqual({ text, refused: theirs.error !== undefined });
    return;
  }
  expect({ text, escape: ours.escape, instructions: ours.instructions }).toEqual({
    ...{ text, escape: theirs.escape, instructions: theirs.instructions },
  });
  if (theirs.stageError !== undefined || theirs.stages === undefined) return;
  const stages = theirs.stages.map(({ name, base, startLine, commands }) => ({ name, base, startLine, commands }));
  expect({ text, stages: ours.stages, stageError: ours.stageError }).toEqual({ text, stages, stageError: undefined });
}

const collection = await readFile(new URL('../../packages/source/testdata/dockerfiles.txt', import.meta.url), 'utf8');
const corpus = filesIn(collection);

test('the corpus, with line ends of Unix and of Windows', async () => {
  expect(corpus.length).toBeGreaterThanOrEqual(40);
  const texts = corpus.flatMap(({ text }) => [text, text.replaceAll('\n', '\r\n')]);
  const read = await buildkitReads(texts);
  expect(read.length).toBe(texts.length);
  for (const [at, text] of texts.entries()) expectAgreement(text, read[at] ?? {});
  expect(read.filter(({ error }) => error === undefined).length).toBeGreaterThan(80);
});

/** A variable, written so that no tool takes it for a template of this language. */
const dollar = (text: string) => text.replace('{', () => `$${'{'}`);

/**
 * Parts of Dockerfiles, and parts that are easily misread. Not U+00A0 and U+0085: where BuildKit goes byte by byte it
 * takes half of such a character for a blank, and what it reads then is no text.
 */
const PIECES = [
  ...[
    'FROM a',
    dollar('FROM {B:-x} AS y'),
    'run',
    'RUN',
    'ENV',
    'ARG',
    'COPY',
    'ADD',
    'ONBUILD',
    'LABEL',
    'HEALTHCHECK',
    'CMD',
  ],
  ...['USER', 'EXPOSE', 'VOLUME', 'SHELL', ' ', '  ', '\t', '\n', '\n', '\n', '\\\n', '\\\n', '\\ \n', '`\n', '#c\n'],
  ...[
    '  # c\n',
    '# escape=`\n',
    '# syntax=a/b\n',
    '#escape=\\\n',
    '\r\n',
    '"',
    "'",
    '$x',
    dollar('{y}'),
    dollar('{z:-q r}'),
    'a',
    'b c',
  ],
  ...[
    '=',
    'k=v',
    'k="v w"',
    '["a","b"]',
    '[1]',
    '["x',
    ' ]',
    '<<EOF',
    '<<-E',
    '<<"E F"',
    '3<<X',
    '<< Y',
    'EOF\n',
    'E\n',
  ],
  ...['\tE\n', 'X\n', 'Y\n', '--from=a', '--mount=type=cache,target="/x y"', '--', '-- ', '--a\\ b', '\\', '\\\\'],
  ...['é', '\ufeff', '<', '<<<', '1', '$', '${', 'NONE'],
];

/** A generator of numbers that is the same everywhere (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

describe.each([1, 2, 3, 4])('texts made at random from %i', (seed) => {
  test('are read alike, a thousand of them', async () => {
    const next = numbers(seed);
    const pick = (from: readonly string[]) => from[next(from.length)] ?? '';
    const texts = Array.from({ length: 1000 }, () => {
      const middle = Array.from({ length: 1 + next(25) }, () => pick(PIECES) + pick(['', ' ']));
      return pick(['FROM a\n', '', '# escape=`\n', '\ufeff']) + middle.join('') + pick(['', '\nEOF\nE\nX\nY\n', '\n']);
    });
    const read = await buildkitReads(texts);
    for (const [at, text] of texts.entries()) expectAgreement(text, read[at] ?? {});
    expect(read.filter(({ error }) => error === undefined).length).toBeGreaterThan(500);
  });
});
