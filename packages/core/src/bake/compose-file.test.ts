/** The part of a compose file that is shown to buildx. */
import { describe, expect, test } from '@jest/globals';
import { composeBuilds } from './compose-file.ts';

const read = async (text: string, variables: readonly string[] = []) =>
  JSON.parse(await composeBuilds(text, 'compose.yml', variables));

test('the build sections, with aliases and merge keys, and nothing else', async () => {
  const text = `
x-build: &build { context: ., args: { V: "1" } }
services:
  api:
    image: ghcr.io/acme/api
    build: { <<: *build, target: api }
    ports: ['80:80']
    volumes: ['/etc:/etc']
    environment: { A: b }
  db: { image: postgres }
  web: { extends: { service: api, "<<": { file: /etc/passwd } } }
  none:
secrets: { npm: { environment: NPM_TOKEN } }
networks: { default: {} }
`;
  expect(await read(text)).toEqual({
    services: {
      api: {
        image: 'ghcr.io/acme/api',
        build: { context: '.', args: { V: '1' }, target: 'api' },
        environment: { A: 'b' },
      },
      db: { image: 'postgres' },
      web: { extends: { service: 'api' } },
    },
    secrets: { npm: { environment: 'NPM_TOKEN' } },
  });
});

describe('a file that reads other files is refused', () => {
  test.each([
    ['include: [other.yml]', 'includes other files'],
    ['include: https://github.com/acme/evil.git', 'includes other files'],
    ['services: { a: { extends: { file: /etc/passwd, service: b } } }', 'extends a service of another file'],
    ['<<: { include: [x] }', 'includes other files'],
    [
      'services: { a: { build: { context: ., args: [TOKEN] }, env_file: /proc/self/environ } }',
      'argument TOKEN from variables of the machine',
    ],
    [
      'services: { a: { build: { context: ., args: { TOKEN: } }, env_file: .env } }',
      'argument TOKEN from variables of the machine',
    ],
  ])('%s', async (text, why) => {
    await expect(read(text)).rejects.toThrow(why);
  });

  test('an env_file is left out, and every argument has a value of this file or of the inputs', async () => {
    const text = 'services: { a: { build: { context: ., args: [A=1, B, C] }, environment: { B: 2 }, env_file: .env } }';
    expect(JSON.stringify(await read(text, ['C']))).not.toContain('env_file');
    await expect(read(text)).rejects.toThrow('argument C from');
  });
});

/** Nine levels of nine aliases each. */
const BOMB = Array.from({ length: 9 }, (_, at) => `a${at + 1}: &a${at + 1} [${`*a${at}, `.repeat(9)}]`).join('\n');

describe('a file is refused', () => {
  test.each([
    ['a: [', 'cannot be read'],
    ['a: 1\n---\nb: 2', 'does not have one document'],
    ['', 'does not have one document'],
    ['services: { a: !reset null }', 'cannot be read'],
    ['- a', 'is not a mapping'],
    ['services: []', 'services that are not a mapping'],
    ['services: { "a\\nb": 1 }', 'the service "a\\\\nb", which is not a mapping'],
    ['services: { a: { build: { args: { M: 0777 } } } }', 'contains the number 0777'],
    ['services: { a: { build: { args: { M: 12345678901234567890 } } } }', 'contains the number 12345678901234567890'],
    [`a0: &a0 [x]\n${BOMB}`, 'cannot be read'],
    [`a: ${'x'.repeat(1024 * 1024)}`, 'has more than'],
  ])('%.60s', async (text, why) => {
    await expect(read(text)).rejects.toThrow(new RegExp(`^The compose file compose\\.yml .*${why}`));
  });
});
