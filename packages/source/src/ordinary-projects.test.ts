/**
 * One list for Dockerfiles, layers and configuration: files of ordinary projects are not errors, and usable credentials
 * are errors, wherever they are.
 */
import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { secretsIn, secretsInConfig } from '@tidegate/core';
import { lintDockerfile } from './dockerfile-rules.ts';
import { findingOf } from './finding.ts';
import { filesIn } from './marked.fixture.ts';
import { type ContextFiles, copiedSources, inContext } from './rules/context-files.ts';

const files = filesIn(await readFile(new URL('../testdata/credentials.txt', import.meta.url), 'utf8'));

test('the table holds 60 files that must not be errors, and 40 lines that must', () => {
  expect(files.filter(({ expected }) => expected.length === 0).length).toBeGreaterThanOrEqual(60);
  expect(files.flatMap(({ expected }) => expected).length).toBeGreaterThanOrEqual(40);
});

describe('an error is a credential that opens something', () => {
  test.each(files.map((one) => [one.file, one] as const))('%s', (file, { text, expected }) => {
    const errors = [...new Set(errorLines(file, text))];
    expect(errors.map((line) => `${line} error`).sort()).toEqual(expected);
  });
});

function errorLines(file: string, text: string): readonly (number | undefined)[] {
  const [kind] = file.split('/');
  if (kind === 'environment' || kind === 'history') {
    const lines = text.trimEnd().split('\n');
    const config = (line: string) =>
      kind === 'environment' ? { config: { Env: [line] } } : { history: [{ created_by: line }] };
    return lines.flatMap((line, at) => (secretsInConfig(JSON.stringify(config(line))).length > 0 ? [at + 1] : []));
  }
  if (posix.basename(file) === 'Dockerfile') {
    const { remarks } = lintDockerfile(text, { copied: contextOf(posix.dirname(file), text) });
    const findings = remarks.flatMap((remark) => findingOf(file, remark) ?? []);
    return findings.flatMap(({ level, line }) => (level === 'error' ? [line] : []));
  }
  const path = file.startsWith('/') ? file : `/app/${file}`;
  return secretsIn(path, Buffer.from(text.trimEnd(), 'latin1')).map(({ line }) => line);
}

/** The files of a folder: those that a source names, or all of them for the folder itself. */
function contextOf(folder: string, dockerfile: string): ContextFiles {
  const there = files
    .filter(({ file }) => file.startsWith(`${folder}/`))
    .map(({ file, text }) => ({ path: file.slice(folder.length + 1), content: Buffer.from(text) }));
  const found = copiedSources(dockerfile).map((source) => {
    const path = inContext(source);
    return [source, there.filter((one) => path === '' || one.path === path)] as const;
  });
  return new Map(found.filter(([, taken]) => taken.length > 0));
}
