/** Whether the definition of a target still says what the published image was built with. */
import { expect, test } from '@jest/globals';
import { definitionChange, type RecordedBuild, type RecordedImage } from './recorded-build.ts';
import type { TargetBuild } from './target-build.ts';

const TARGET: TargetBuild = {
  name: 'api',
  images: ['ghcr.io/acme/api'],
  context: 'services/api',
  file: 'services/api/Dockerfile',
  stage: 'prod',
  platforms: [],
  buildArgs: [['VERSION', '7']],
  buildContexts: [['extra', 'lib']],
  labels: [
    ['org.example.team', 'blue'],
    ['org.example.branch', '{{branch}}'],
    ['org.example.none', ''],
  ],
  annotations: [
    ['org.example.note', 'one'],
    ['index:org.example.index', 'two'],
    ['manifest[linux/arm64]:org.example.arm', 'three'],
  ],
  cacheFrom: [{ type: 'gha' }],
  cacheTo: [],
  noCache: true,
  noCacheFilters: [],
  pull: true,
  network: 'none',
  allow: ['security.insecure'],
  addHosts: ['db:10.0.0.7'],
  ulimits: ['nofile=1024:1024'],
  shmSize: '128m',
  localContexts: ['lib'],
  notices: [],
};

const BUILD: RecordedBuild = {
  context: 'services/api',
  file: 'services/api/Dockerfile',
  target: 'prod',
  buildArgs: { VERSION: '7' },
  labels: { 'org.opencontainers.image.revision': '012345', 'org.example.team': 'blue', 'org.example.branch': 'main' },
  annotations: { 'manifest,index:org.example.note': 'one', 'manifest:org.opencontainers.image.title': 'api' },
  contexts: { extra: 'lib' },
  network: 'none',
  allow: ['security.insecure'],
  addHosts: ['db:10.0.0.7'],
  ulimit: ['nofile=1024:1024'],
  shmSize: '128m',
};
const ARM: RecordedBuild = { ...BUILD, annotations: { 'manifest[linux/arm64]:org.example.arm': 'three' } };
const IMAGE: RecordedImage = {
  tag: 'main',
  platforms: ['linux/amd64', 'linux/arm64'],
  builds: [BUILD, ARM],
  annotations: { 'org.example.index': 'two', 'org.opencontainers.image.revision': '012345' },
};

const change = (target: Partial<TargetBuild>, recorded: Partial<RecordedBuild> = {}, platforms = IMAGE.platforms) =>
  definitionChange({ ...TARGET, ...target }, platforms, { ...IMAGE, builds: [BUILD, { ...ARM, ...recorded }] });

test('a definition that says the same is no change: caches, expressions and what git adds are not compared', () => {
  expect(change({})).toBeUndefined();
  expect(change({ cacheFrom: [], noCache: false, pull: false, noCacheFilters: ['deps'] })).toBeUndefined();
});

test.each<[string, Partial<TargetBuild>]>([
  ['its args (VERSION) differ', { buildArgs: [['VERSION', '8']] }],
  ['its args (VERSION, DEBUG) differ', { buildArgs: [['VERSION', '8'], ['DEBUG', '1']] }], // biome-ignore format: a row
  ['its args differ', { buildArgs: [] }],
  ['its contexts (extra) differ', { buildContexts: [['extra', 'other']] }],
  ['its labels (org.example.team) differ', { labels: [['org.example.team', 'red']] }],
  ['its labels differ', { labels: [['org.example.branch', '{{branch}}']] }],
  ['its annotations (org.example.note) differ', { annotations: [['index:org.example.note', 'two']] }],
  ['its context differs', { context: '.' }],
  ['its dockerfile differs', { file: 'Dockerfile' }],
  ['its target differs', { stage: '' }],
  ['its network differs', { network: 'default' }],
  ['its entitlements differ', { allow: [] }],
  ['its extra-hosts differ', { addHosts: ['db:10.0.0.8'] }],
  ['its ulimits differ', { ulimits: [] }],
  ['its shm-size differs', { shmSize: '' }],
])('%s from the published image', (expected, target) => {
  expect(change(target)).toBe(`${expected} from the published image (main)`);
});

test('other platforms, and one platform that was built with something else, are a change', () => {
  expect(change({}, {}, ['linux/amd64'])).toBe('its platforms differ from the published image (main)');
  expect(change({}, { buildArgs: { VERSION: '7', SECRET_OF_THE_CALL: 'x' } })).toBe(
    'its args differ from the published image (main)',
  );
  expect(change({}, { context: undefined, network: undefined })).toBe(
    'its context differs from the published image (main)',
  );
});
