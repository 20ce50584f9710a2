import { expect, test } from '@jest/globals';
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
])('mounts: %s', async (_, text, expected) => {
  expect((await declaredMounts(text)).sort()).toEqual([...expected].sort());
});
