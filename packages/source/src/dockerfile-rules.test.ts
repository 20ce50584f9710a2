import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { lintDockerfile } from './dockerfile-rules.ts';
import { findingOf } from './finding.ts';
import { honourIgnores } from './ignores.ts';
import { filesIn } from './marked.fixture.ts';
import type { SubjectOptions } from './rules/subject.ts';

const corpus = filesIn(await readFile(new URL('../testdata/dockerfiles.txt', import.meta.url), 'utf8'));

function found(text: string, options: SubjectOptions = {}): string[] {
  const { remarks, ignores } = lintDockerfile(text, options);
  const findings = remarks.flatMap((remark) => findingOf('Dockerfile', remark) ?? []);
  const left = honourIgnores('Dockerfile', findings, ignores, {}).findings;
  return left.map(({ line, rule }) => `${line} ${rule}`).sort();
}

const PIN = `sha256:${'a'.repeat(64)}`;

describe('findings in Dockerfiles', () => {
  test('the corpus is as large as is promised', () => {
    expect(corpus.length).toBeGreaterThanOrEqual(40);
  });

  test.each(corpus.map((one) => [one.file, one] as const))('%s', (_, { text, expected }) => {
    expect(found(text)).toEqual(expected);
  });

  test.each(corpus.map((one) => [one.file, one] as const))('%s, with line ends of Windows', (_, { text, expected }) => {
    expect(found(text.replaceAll('\n', '\r\n'))).toEqual(expected);
  });
});

describe('the inputs of the build count', () => {
  test('the requested stage becomes the image', () => {
    const text = `FROM a@${PIN} AS one\nUSER root\nFROM a@${PIN}\nUSER app\n`;
    expect(found(text)).toEqual([]);
    expect(found(text, { target: 'ONE' })).toEqual(['2 root-user']);
    expect(found(text, { target: 'three' })).toEqual(['1 dockerfile-unreadable']);
    // Its name was rejected: the stage is missing for that reason alone.
    expect(found(`FROM a@${PIN} AS 1st\n`, { target: '1st' })).toEqual(['1 dockerfile-unreadable']);
    expect(found(`FROM a@${PIN}\nCOPPY a b\n`, { target: 'x' })).toEqual([
      '1 dockerfile-unreadable',
      '2 dockerfile-unreadable',
    ]);
  });

  test('build arguments stand over defaults', () => {
    const text = `ARG BASE=debian\nFROM $BASE\nARG WHO=app\nUSER $WHO\n`;
    expect(found(text)).toEqual(['2 base-latest']);
    const buildArgs = new Map([
      ['BASE', `debian@${PIN}`],
      ['WHO', 'root'],
    ]);
    expect(found(text, { buildArgs })).toEqual(['4 root-user']);
  });

  test('a name that is given as build context is no image', () => {
    expect(found('FROM base\nUSER app\n', { contexts: ['base'] })).toEqual([]);
  });

  test('a mount that is declared elsewhere keeps state out of the container', () => {
    const text = `FROM a@${PIN}\nENV DATA_DIR=/srv/data/app\nUSER app\n`;
    expect(found(text)).toEqual(['2 state-in-container']);
    expect(found(text, { settings: { mounts: ['/srv/data/'] } })).toEqual([]);
    expect(found(text, { settings: { mounts: ['/srv/dat'] } })).toEqual(['2 state-in-container']);
  });

  const PASSWORD = { path: '.env', content: Buffer.from('DB_PASSWORD=kR7.pq2w\n') };
  const GIT = { path: '.git', isFolder: true } as const;
  const levels = (text: string, copied: SubjectOptions['copied'], options: SubjectOptions = {}) =>
    lintDockerfile(`FROM a@${PIN}\nUSER app\n${text}`, { ...options, copied: copied ?? new Map() })
      .remarks.flatMap((remark) => findingOf('Dockerfile', remark) ?? [])
      .map(({ line, level, rule }) => `${line} ${level} ${rule}`);

  test('COPY . takes along what .dockerignore lets through', () => {
    const text = 'COPY . /srv\n';
    expect(levels(text, new Map([['.', [GIT, PASSWORD]]]))).toEqual([
      '3 error secret-in-image',
      '3 warning history-in-image',
    ]);
    expect(levels(text, new Map([['.', [GIT]]]))).toEqual(['3 warning history-in-image']);
    expect(levels(text, new Map([['.', []]]))).toEqual([]);
    expect(levels('COPY --exclude=.env . /srv\n', new Map([['.', [PASSWORD]]]))).toEqual([]);
  });

  test('the token that a checkout left in .git is an error where .git gets into the image', () => {
    const extraheader = '[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic abc\n';
    const files = [GIT, { path: '.git/config', content: Buffer.from(extraheader) }];
    expect(levels('COPY . /srv\n', new Map([['.', files]]))).toEqual([
      '3 error secret-in-image',
      '3 warning history-in-image',
    ]);
    expect(
      found(`FROM a@${PIN} AS build\nCOPY . /srv\nFROM a@${PIN}\nUSER app\n`, { copied: new Map([['.', files]]) }),
    ).toEqual([]);
  });

  test.each<[string, string | undefined, readonly string[]]>([
    ['.npmrc', 'save-exact=true\n', []],
    ['.npmrc', `//r.example/:_authToken=kR7pq2w\n`, ['3 error secret-in-image']],
    ['.npmrc', undefined, ['3 warning secret-in-image']],
    ['.yarnrc.yml', 'nodeLinker: node-modules\n', []],
    ['.env', 'PORT=3000\n', []],
    ['keys/id_rsa', '', []],
    ['keys/id_rsa', 'ssh-ed25519 AAAA\n', ['3 warning secret-in-image']],
    ['notes.txt', `token ghp_${'Zq3xW7bK2mT9'.repeat(3)}\n`, ['3 error secret-in-image']],
    ['notes.txt', undefined, []],
  ])('COPY %s that holds %j', (path, content, expected) => {
    const copied = content === undefined ? new Map() : new Map([[path, [{ path, content: Buffer.from(content) }]]]);
    expect(levels(`COPY ${path} /srv/\n`, copied)).toEqual(expected);
  });

  test('a file that is too large or a link is a secret by its name alone: a warning', () => {
    expect(
      levels(
        'COPY .env x.key big.iso /srv/\n',
        new Map([
          ['.env', [{ path: '.env' }]],
          ['x.key', [{ path: 'x.key' }]],
          ['big.iso', [{ path: 'big.iso' }]],
        ]),
      ),
    ).toEqual(['3 warning secret-in-image', '3 warning secret-in-image']);
  });

  test("a finding in a stage that the image's build does not run is a warning", () => {
    const copied = new Map([['.env', [PASSWORD]]]);
    const at = (from: string) =>
      lintDockerfile(`FROM a@${PIN} AS test\nCOPY .env /\nFROM a@${PIN}\nUSER app\nCOPY --from=${from} /x /x\n`, {
        copied,
      }).remarks.flatMap(({ rule, atMost }) => (rule === 'secret-in-image' ? [`${rule} ${atMost}`] : []));
    expect(at('test')).toEqual(['secret-in-image undefined']);
    expect(at('other')).toEqual(['secret-in-image warning']);
  });

  test.each([
    ['ARG NPM_TOKEN', {}, 'warning'],
    ['ARG SENTRY_AUTH_TOKEN=""', {}, 'warning'],
    ['ARG NPM_TOKEN=changeme', {}, 'warning'],
    ['ARG NPM_TOKEN', { NPM_TOKEN: 'kR7.pq2w' }, 'error'],
    ['ARG NPM_TOKEN', { NPM_TOKEN: '' }, 'warning'],
    ['ARG NPM_TOKEN=kR7.pq2w', {}, 'error'],
    ['ENV SECRET_KEY_BASE=dummy', {}, 'warning'],
    ['ENV DB_PASSWORD=$DB_PW', {}, 'warning'],
    ['ENV PGPASSWORD=s3cretvalue', {}, 'error'],
    ['RUN git clone https://user:password@git.example/x', {}, 'warning'],
  ])('%s with the build arguments %j is an %s', (text, given, level) => {
    expect(levels(`${text}\n`, new Map(), { buildArgs: new Map(Object.entries(given)) })).toEqual([
      `3 ${level} secret-in-image`,
    ]);
  });
});

test('a secret is named by its kind and never shown', () => {
  const secret = `ghp_${'Zq3xW7bK2mT9'.repeat(3)}`;
  const { remarks } = lintDockerfile(
    `FROM a@${PIN}\nENV X=${secret}\nADD https://u:${secret}@h.example/x /x\nUSER app\n`,
  );
  expect(remarks.length).toBeGreaterThanOrEqual(3);
  expect(JSON.stringify(remarks)).not.toContain(secret);
});

describe('an image without a USER', () => {
  const levels = (text: string, settings = {}) =>
    lintDockerfile(text).remarks.flatMap((remark) => {
      const finding = remark.rule === 'root-user' ? findingOf('Dockerfile', remark, settings) : undefined;
      return finding ? [finding.level] : [];
    });

  test.each(['cgr.dev/chainguard/static', `debian:13@${PIN}`, 'registry.example/team/base:1'])(
    'runs as the user of its base %s, which its Dockerfile does not say: a note at most',
    (base) => {
      expect(levels(`FROM ${base}\n`)).toEqual(['note']);
      expect(levels(`FROM ${base}\n`, { levels: { 'root-user': 'error' } })).toEqual(['note']);
      expect(levels(`FROM ${base}\n`, { levels: { 'root-user': 'off' } })).toEqual([]);
    },
  );

  test('runs as root where it is made from scratch, or a USER says so', () => {
    for (const text of ['FROM scratch\n', `FROM a@${PIN}\nUSER root\n`]) {
      expect(levels(text, { levels: { 'root-user': 'error' } })).toEqual(['error']);
    }
  });
});
