import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { lintDockerfile } from './dockerfile-rules.ts';
import { findingOf } from './finding.ts';
import { honourIgnores } from './ignores.ts';
import { filesIn } from './marked.fixture.ts';
import type { SubjectOptions } from './rules/subject.ts';

const corpus = filesIn(await readFile(new URL('../testdata/dockerfiles.txt', import.meta.url), 'utf8'));

function found(text: string, options: SubjectOptions = {}): string[] {
  const { remarks, ignores } = lintDockerfile(text, options);
  const findings = remarks.flatMap((remark) => findingOf('Dockerfile', remark) ?? []);
  const left = honourIgnores('Dockerfile', findings, ignores, {}).findings;
  return left.map(({ line, rule }) => `${line} ${rule}`).sort();
}

const PIN = `sha256:${'a'.repeat(64)}`;

describe('what is found in Dockerfiles', () => {
  test('the corpus is as large as is promised', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(40);
  });

  test.each(corpus.map((one) => [one.file, one] as const))('%s', (_, { text, expected }) => {
    expect(found(text)).toEqual(expected);
  });

  test.each(corpus.map((one) => [one.file, one] as const))('%s, with line ends of Windows', (_, { text, expected }) => {
    expect(found(text.replaceAll('\n', '\r\n'))).toEqual(expected);
  });
});

describe('what a build is given counts', () => {
  test('the stage that is asked for is the one that becomes the image', () => {
    const text = `FROM a@${PIN} AS one\nUSER root\nFROM a@${PIN}\nUSER app\n`;
    expect(found(text)).toEqual([]);
    expect(found(text, { target: 'ONE' })).toEqual(['2 root-user']);
    expect(found(text, { target: 'three' })).toEqual(['1 dockerfile-unreadable']);
  });

  test('build arguments stand over defaults', () => {
    const text = `ARG BASE=debian\nFROM $BASE\nARG WHO=app\nUSER $WHO\n`;
    expect(found(text)).toEqual(['2 base-latest']);
    const buildArgs = new Map([
      ['BASE', `debian@${PIN}`],
      ['WHO', 'root'],
    ]);
    expect(found(text, { buildArgs })).toEqual(['4 root-user']);
  });

  test('a name that is given as build context is no image', () => {
    expect(found('FROM base\nUSER app\n', { contexts: ['base'] })).toEqual([]);
  });

  test('a mount that is declared elsewhere keeps state out of the container', () => {
    const text = `FROM a@${PIN}\nENV DATA_DIR=/srv/data/app\nUSER app\n`;
    expect(found(text)).toEqual(['2 state-in-container']);
    expect(found(text, { settings: { mounts: ['/srv/data/'] } })).toEqual([]);
    expect(found(text, { settings: { mounts: ['/srv/dat'] } })).toEqual(['2 state-in-container']);
  });

  test('COPY . takes along what .dockerignore lets through', () => {
    const text = `FROM a@${PIN}\nCOPY . /srv\nUSER app\n`;
    expect(found(text, { exposed: ['.git', '.env'] })).toEqual(['2 history-in-image', '2 secret-in-image']);
    expect(found(text, { exposed: ['.git'] })).toEqual(['2 history-in-image']);
    expect(found(text)).toEqual([]);
  });
});

test('a secret is named by its kind and never shown', () => {
  const secret = `ghp_${'Zq3xW7bK2mT9'.repeat(3)}`;
  const { remarks } = lintDockerfile(
    `FROM a@${PIN}\nENV X=${secret}\nADD https://u:${secret}@h.example/x /x\nUSER app\n`,
  );
  expect(remarks.length).toBeGreaterThanOrEqual(3);
  expect(JSON.stringify(remarks)).not.toContain(secret);
});

describe('an image without a USER', () => {
  const levels = (text: string, settings = {}) =>
    lintDockerfile(text).remarks.flatMap((remark) => {
      const finding = remark.rule === 'root-user' ? findingOf('Dockerfile', remark, settings) : undefined;
      return finding ? [finding.level] : [];
    });

  test.each(['cgr.dev/chainguard/static', `debian:13@${PIN}`, 'registry.example/team/base:1'])(
    'runs as the user of its base %s, which its Dockerfile does not say: a note at most',
    (base) => {
      expect(levels(`FROM ${base}\n`)).toEqual(['note']);
      expect(levels(`FROM ${base}\n`, { levels: { 'root-user': 'error' } })).toEqual(['note']);
      expect(levels(`FROM ${base}\n`, { levels: { 'root-user': 'off' } })).toEqual([]);
    },
  );

  test('runs as root where it is made from scratch, or a USER says so', () => {
    for (const text of ['FROM scratch\n', `FROM a@${PIN}\nUSER root\n`]) {
      expect(levels(text, { levels: { 'root-user': 'error' } })).toEqual(['error']);
    }
  });
});
