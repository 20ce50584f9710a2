import { expect, test } from '@jest/globals';
import { sourcesAmong } from './repository.ts';

const FILES = ['Dockerfile', 'a/Dockerfile', 'a/b/build.sh', 'vendor/x/Dockerfile', 'docs/run.sh', '.hidden/run.sh'];

test.each([
  [[], FILES],
  [['vendor/**'], FILES.filter((file) => !file.startsWith('vendor/'))],
  [['vendor'], FILES.filter((file) => !file.startsWith('vendor/'))],
  [['**/*.sh'], ['Dockerfile', 'a/Dockerfile', 'vendor/x/Dockerfile']],
  [['*.sh'], FILES],
  [
    ['**/Dockerfile', '!a/Dockerfile'],
    ['a/Dockerfile', 'a/b/build.sh', 'docs/run.sh', '.hidden/run.sh'],
  ],
  [
    ['a/*/build.sh', '.hidden'],
    ['Dockerfile', 'a/Dockerfile', 'vendor/x/Dockerfile', 'docs/run.sh'],
  ],
])('files without %j', (exclude, left) => {
  const { dockerfiles, commands } = sourcesAmong(FILES, exclude);
  expect([...dockerfiles, ...commands].toSorted()).toEqual(left.toSorted());
});
