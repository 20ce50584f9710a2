/**
 * Somebody leaves a credential in an image so that nobody should see it: replaced by the next instruction, in the
 * configuration, in a name of small letters, inside a URL, in the history of the build.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Job, leave } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';
import { refusalsOf, scanned } from './support/bait.ts';

const suite = await theSuite();
/** Put together here, so that this file holds no token for whoever scans the repository. */
const NOISE = 'q8Zt3LmW9xVb2KcRf7YdHs5JpAe4NgUu6TnE';
const GITHUB = `ghp_${NOISE}`;
const KEY = `-----BEGIN ${'PRIVATE'} KEY-----\n${NOISE}${NOISE}\n-----END ${'PRIVATE'} KEY-----\n`;

/** Where it is, and the file that the report must name. */
const HIDDEN: readonly (readonly [how: string, path: string, text: string])[] = [
  ['a token in a script', 'app/deploy.sh', `curl -H "Authorization: Bearer ${GITHUB}" https://api.github.com\n`],
  ['a private key under another name', 'app/notes.txt', KEY],
  ['a password inside a URL', 'etc/app.conf', `database = postgres://app:${NOISE}@db.internal/app\n`],
  ['a registry login', 'root/.docker/config.json', `{"auths":{"ghcr.io":{"auth":"${btoa(`me:${NOISE}`)}"}}}`],
  ['a git remote with a token', 'app/.git/config', `[remote "o"]\n\turl = https://x:${GITHUB}@github.com/a/b\n`],
  ['a package registry login', 'app/.npmrc', `//npm.example.com/:_authToken=${NOISE}\n`],
  ['cloud credentials', 'root/.aws/credentials', `[default]\naws_secret_access_key = ${NOISE}${NOISE.slice(0, 4)}\n`],
];
const REPLACED = 'srv/token.txt';

let job: Job;
let said: string;
let report: string;
beforeAll(async () => {
  const files = Object.fromEntries(HIDDEN.map(([, path, text]) => [path, text]));
  const seen = await scanned(suite, {
    image: { ...files, [REPLACED]: `${GITHUB}\n` },
    commit: { empty: '' },
    dockerfile: `FROM scratch
ARG api_token=${GITHUB}
ENV db_password=${NOISE}
ENV smtp_password="${NOISE.slice(0, 12)} ${NOISE.slice(12)}"
LABEL deploy.key=${GITHUB}
COPY bait /
COPY empty /srv/token.txt
`,
  });
  job = seen.job;
  said = refusalsOf(seen.scan);
  report = await readFile(String(seen.scan.outputs['json-path']), 'utf8');
}, 300_000);
afterAll(() => leave(job));

test('the gate fails, and says how many', () => {
  expect(said).toMatch(/contents-secrets: linux\/amd64: \d+ secrets/);
});

test.each(HIDDEN)('%s is found, in %s', (_, path) => {
  expect(report).toContain(`/${path}`);
});

test('one that the next layer replaces is found', () => {
  expect(report).toContain(`/${REPLACED}`);
});

test.each(['value of api_token', 'value of db_password', 'value of smtp_password', 'GitHub token'])(
  'in the configuration: %s',
  (what) => {
    expect(JSON.parse(report).platforms[0].contents.traces).toContainEqual(
      expect.objectContaining({ path: 'image config', what }),
    );
  },
);

test('no report and no log shows any of them', () => {
  for (const secret of [GITHUB, NOISE]) expect(report + said).not.toContain(secret);
});
