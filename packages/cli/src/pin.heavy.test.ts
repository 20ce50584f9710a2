import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { newRepository, type Repository } from './repository.fixture.ts';

let repository: Repository;
beforeEach(async () => {
  repository = await newRepository({});
});
afterEach(() => repository.remove());

test('pin --bases says that there is nothing to pin: no Dockerfile, only scratch, or another repository', async () => {
  const pin = async (...argv: string[]) => (await repository.run('pin', '--bases', ...argv)).stderr;
  expect(await pin()).toContain('There is no Dockerfile in the workspace.');
  await repository.write('Dockerfile', 'FROM scratch AS a\nFROM a\n');
  expect(await pin()).toContain('There is no base image to pin in Dockerfile: scratch and earlier stages are none.');
  await repository.write('Dockerfile', 'FROM alpine:3\n');
  expect(await pin('--images', 'ghcr.io/acme/*')).toContain('--images: got "ghcr.io/acme/*", expected a repository');
});
