import { expect, test } from '@jest/globals';
import type { ActionSpec } from '@tidegate/runner';
import { fromFolder } from './paths.ts';

const SPEC = {
  inputs: {
    file: { type: 'string', path: true, description: '' },
    files: { type: 'list', path: true, description: '' },
    dockerfile: { type: 'string', path: 'in-context', description: '' },
    sources: { type: 'pairs', path: true, description: '' },
    config: { type: 'string', path: true, words: ['public-good'], description: '' },
    tools: { type: 'string', path: 'of-programs', description: '' },
    hadolint: { type: 'string', path: 'of-programs', words: ['auto'], description: '' },
    ssh: { type: 'list', path: 'several-after-name', description: '' },
    outputs: { type: 'list', path: 'in-fields', description: '' },
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
  ['config', 'own.json', 'app/own.json'],
  ['config', 'public-good', 'public-good'],
  ['config', 'https://sigstore.example/config.json', 'https://sigstore.example/config.json'],
  ['tools', '../bin', '/top/bin'],
  ['tools', '', ''],
  ['hadolint', './hadolint', '/top/app/hadolint'],
  ['hadolint', 'auto', 'auto'],
  ['ssh', 'default\ndeploy=key,../other\nagent=/run/agent', 'default\ndeploy=app/key,other\nagent=/run/agent'],
  ['outputs', 'target=a,dest=out/\ntype=tar,dest=/x/a.tar', 'target=a,dest=app/out/\ntype=tar,dest=/x/a.tar'],
  ['outputs', 'type=local,src=cache', 'type=local,src=app/cache'],
  ['sources', 'docs=./docs\nbase=docker-image://alpine:3', 'docs=app/docs\nbase=docker-image://alpine:3'],
])('%s %j from the folder app is %j', (input, text, expected) => {
  expect(moved(input, text)).toBe(expected);
});

test('outside of the workspace, relative paths become absolute ones, and empty ones stay empty', () => {
  expect(moved('files', 'a\n\n/b/', '/elsewhere')).toBe('/elsewhere/a\n\n/b/');
});

test('in the workspace itself, paths stay as they are, but those of programs become absolute', () => {
  expect(moved('file', './k8s/', '/top')).toBe('./k8s/');
  expect(moved('tools', './bin', '/top')).toBe('/top/bin');
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
