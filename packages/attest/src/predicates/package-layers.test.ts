import { expect, test } from '@jest/globals';
import { digestOf, packageKey } from '@tidegate/core';
import { packageLayers } from './sbom.ts';

const [base, run, copy] = [digestOf('base'), digestOf('run'), digestOf('copy')];
const at = (path: string, layerID: string, evidence?: string) => ({
  path,
  layerID,
  ...(evidence ? { annotations: { evidence } } : {}),
});

const document = {
  artifacts: [
    {
      name: 'libssl3',
      version: '3.0.11',
      type: 'deb',
      locations: [
        at('/var/lib/dpkg/status', run, 'primary'),
        at('/usr/share/doc/libssl3/copyright', base, 'supporting'),
        at('/var/lib/dpkg/info/libssl3.list', base),
      ],
    },
    {
      name: 'curl',
      version: '7.88',
      type: 'deb',
      locations: [at('/var/lib/dpkg/status', run, 'primary'), at('/var/lib/dpkg/info/curl.list', run)],
    },
    { name: 'bare', version: '1', type: 'deb', locations: [at('/var/lib/dpkg/status', run, 'primary')] },
    {
      name: 'musl',
      version: '1.2',
      type: 'apk',
      locations: [at('/lib/apk/db/installed', run, 'primary')],
      metadata: { files: [{ path: '/lib/ld-musl.so' }, { path: '/lib/libc.so' }, { path: '/etc/musl.conf' }] },
    },
    {
      name: 'bash',
      version: '5',
      type: 'rpm',
      locations: [at('/var/lib/rpm/rpmdb.sqlite', run, 'primary')],
      metadata: { files: [{ path: '/bin/bash' }] },
    },
    {
      name: 'lodash',
      version: '4',
      type: 'npm',
      locations: [at('/app/package.json', run, 'supporting'), at('/app/package-lock.json', copy, 'primary')],
    },
    { name: 'nowhere', version: '1', type: 'npm' },
  ],
  files: [
    { location: { path: '/lib/ld-musl.so', layerID: base } },
    { location: { path: '/lib/libc.so', layerID: base } },
    { location: { path: '/etc/musl.conf', layerID: run } },
    { location: { path: '/bin/bash', layerID: base } },
  ],
};

test.each([
  ['deb', 'libssl3', '3.0.11', base, 'its record, though the common list was written later'],
  ['deb', 'curl', '7.88', run, 'its record'],
  ['deb', 'bare', '1', run, 'the common list, where it has nothing of its own'],
  ['apk', 'musl', '1.2', base, 'most of its files'],
  ['rpm', 'bash', '5', base, 'its files'],
  ['npm', 'lodash', '4', copy, 'its primary place'],
  ['npm', 'nowhere', '1', undefined, 'nothing'],
])('%s %s is told by %4$s', (type, name, version, expected, _told) => {
  const layers = packageLayers(Buffer.from(JSON.stringify(document)));
  expect(layers.get(packageKey({ type, name, version }))).toBe(expected);
});

test('a document that is not syft-json is rejected', () => {
  expect(() => packageLayers(Buffer.from('{}'))).toThrow(expect.objectContaining({ kind: 'evidence' }));
});
