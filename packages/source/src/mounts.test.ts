import { expect, test } from '@jest/globals';
import { dockerignore } from './dockerfile/dockerignore.ts';
import { declaredMounts } from './mounts.ts';

test.each([
  [
    'short, named',
    'services: {a: {volumes: ["data:/var/lib/a", "./x:/srv/x:ro", "/tmp/y"]}}',
    ['/tmp/y', '/srv/x', '/var/lib/a'],
  ],
  ['long', 'services:\n  a:\n    volumes:\n      - {type: bind, source: ./x, target: /srv/x}\n', ['/srv/x']],
  ['tmpfs', 'services: {a: {tmpfs: [/run/a]}}', ['/run/a']],
  ['host paths', 'services: {a: {volumes: ["/host/dir:/in/container"]}}', ['/in/container']],
  ['Kubernetes', 'spec: {containers: [{volumeMounts: [{name: d, mountPath: /var/lib/a}]}]}', ['/var/lib/a']],
  ['no YAML', '{{ template }}: [', []],
])('mounts: %s', (_, text, expected) => {
  expect(declaredMounts(text).sort()).toEqual([...expected].sort());
});

test.each([
  ['.git\n', '.git', true],
  ['# .git\n', '.git', false],
  ['*\n!src\n', '.env', true],
  ['*\n!src\n', 'src', false],
  ['.env*\n!.env.example\n', '.env.local', true],
  ['.env*\n!.env.example\n', '.env.example', false],
  ['/.git/\n', '.git', true],
  ['**/.env\n', '.env', true],
  ['conf\n', 'conf/.env', true],
  ['', '.git', false],
])('.dockerignore %j and %s: %j', (text, path, ignored) => {
  expect(dockerignore(text)(path)).toBe(ignored);
});
