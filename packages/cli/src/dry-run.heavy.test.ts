import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { newRepository, type Repository } from './repository.fixture.ts';

let repository: Repository;
beforeEach(async () => {
  repository = await newRepository({ Dockerfile: 'FROM scratch\n' });
  await repository.git('remote', 'add', 'origin', 'https://github.com/acme/app.git');
});
afterEach(() => repository.remove());

const SHIP = ['ship', '127.0.0.1:9/acme/app', '--default-branch', 'main'];

test.each([
  ['a changed file', 'Dockerfile', 'FROM scratch\nUSER 1\n'],
  ['a file that git does not track', 'new.txt', 'new'],
])('ship --dry-run refuses %s with the words of ship', async (_, path, text) => {
  await repository.write(path, text);
  const [dry, real] = [await repository.run(...SHIP, '--dry-run'), await repository.run(...SHIP)];
  expect(dry).toEqual(real);
  expect(dry).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`${path} differs from commit`) });
  const unpublished = await repository.run(...SHIP, '--dry-run', '--no-publish');
  expect(unpublished).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(`warning: ${path} differs`) });
  expect(unpublished.stdout).toMatch(/^why +Not published: --no-publish is given\.$/m);
});

test('ship --dry-run of a clean checkout prints the plan', async () => {
  const { exitCode, stdout, stderr } = await repository.run(...SHIP, '--dry-run');
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining('Dry run: nothing is published.')]);
  expect(stdout).toMatch(/^publish +true$/m);
});
