import { expect, test } from '@jest/globals';
import type { ActionSpec } from '@tidegate/runner';
import { fromFolder } from './paths.ts';

const SPEC = {
  inputs: {
    file: { type: 'string', path: true, description: '' },
    files: { type: 'list', path: true, description: '' },
    dockerfile: { type: 'string', path: 'in-context', description: '' },
    sources: { type: 'pairs', path: true, description: '' },
  },
} as unknown as ActionSpec;

const moved = (input: string, text: string, folder = '/top/app') =>
  fromFolder(new Map([[input, text]]), SPEC, folder, '/top').get(input);

test.each([
  ['file', 'k8s', 'app/k8s'],
  ['file', './k8s/', 'app/k8s/'],
  ['file', '../k8s', 'k8s'],
  ['file', '/top/app/k8s', '/top/app/k8s'],
  ['file', '/top/app/k8s/', '/top/app/k8s/'],
  ['file', '/tmp/../etc//x', '/tmp/../etc//x'],
  ['file', '', ''],
  ['file', 'https://example.org/a', 'https://example.org/a'],
  ['files', 'a\n\nb\n', 'app/a\n\napp/b\n'],
  ['files', 'deploy/**/*.yaml', 'app/deploy/**/*.yaml'],
  ['sources', 'docs=./docs\nbase=docker-image://alpine:3', 'docs=app/docs\nbase=docker-image://alpine:3'],
])('%s %j from the folder app is %j', (input, text, expected) => {
  expect(moved(input, text)).toBe(expected);
});

test('outside of the workspace, relative paths become absolute ones, and empty ones stay empty', () => {
  expect(moved('files', 'a\n\n/b/', '/elsewhere')).toBe('/elsewhere/a\n\n/b/');
});

test('a Dockerfile in a context at an address is not in the folder', () => {
  const texts = (context: string) =>
    new Map([
      ['context', context],
      ['dockerfile', 'a/Dockerfile'],
    ]);
  const dockerfile = (context: string) => fromFolder(texts(context), SPEC, '/top/app', '/top').get('dockerfile');
  expect(dockerfile('https://example.org/a.git')).toBe('a/Dockerfile');
  expect(dockerfile('.')).toBe('app/a/Dockerfile');
});
