import { expect, test } from '@jest/globals';
import { nothingToPropose } from './nothing.ts';

const said = (paths: readonly string[], notes: readonly string[] = []) =>
  nothingToPropose(
    { texts: new Map(paths.map((path) => [path, ''])), paths },
    { files: [], notes: notes.map((text) => ({ job: 'repository', text })) },
  );

test('only the files that are there are named', () => {
  expect(said(['Dockerfile', '.github/tidegate.yml', '.github/workflows/image.yml'])).toBe(
    'There is nothing to propose. These files exist and stay as they are: .github/workflows/image.yml, .github/tidegate.yml.',
  );
  expect(said(['.dockerignore', '.github/tidegate.yml'])).toContain('are: .github/tidegate.yml, .dockerignore.');
});

test('notes say why a file is not proposed', () => {
  expect(said(['.github/tidegate.yml'], ['No Dockerfile was found.'])).toMatch(/The notes below say/);
});
