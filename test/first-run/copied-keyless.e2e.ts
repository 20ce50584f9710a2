/**
 * The first block that a reader sees: the keyless workflow of the README, copied into an ordinary repository, and the
 * command below it that verifies the image. Its Sigstore is a real one on this machine, with an issuer like GitHub's.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { repositoryRoot, type Sigstore, startSigstore } from '@tidegate/testkit';
import { type CodeBlock, codeBlocks } from '../../packages/tooling/src/site/blocks.ts';
import { BUILD_TIME, log } from '../workflow/programs.ts';
import { type GitHub, startGitHub, WORKFLOW } from './github.ts';
import { Reader, stepOf } from './reader.ts';

const REPOSITORY = 'acme/app';
const REF = 'refs/heads/main';
/** As cosign names it in the certificate. */
const GITHUB = 'https://token.actions.githubusercontent.com';

const opened = new AsyncDisposableStack();
let sigstore: Sigstore;
let github: GitHub;
let reader: Reader;
/** From the first line of the README to the end of the section that has the workflow. */
let blocks: readonly CodeBlock[];

beforeAll(async () => {
  sigstore = opened.use(await startSigstore({ log }));
  github = opened.use(await startGitHub(sigstore));
  reader = await Reader.prepare({
    ...{ folder: join(github.folder, 'reader'), cosign: join(github.tools, 'cosign') },
    replaced: { 'ghcr.io/': `${github.registry.host}/`, [GITHUB]: sigstore.issuer.url },
    flags: ['--trusted-root', sigstore.trustedRoot],
  });
  const readme = await readFile(join(repositoryRoot, 'README.md'), 'utf8');
  const [start = '', use = ''] = readme.split(/^(?=## )/m);
  // The line for a laptop fetches a release; test/cli runs its command line.
  blocks = codeBlocks(start + use).filter(({ text }) => !text.startsWith('npx github:'));
}, BUILD_TIME);
afterAll(() => opened.disposeAsync());

/** Files of a repository that has a Dockerfile already: those of the page that starts from nothing. */
async function ordinaryRepository(): Promise<void> {
  await reader.type('mkdir app && cd app && git init --quiet --initial-branch=main && gh repo create app');
  const page = codeBlocks(await readFile(join(repositoryRoot, 'docs/guides/first-image.md'), 'utf8'));
  for (const { file, text } of page) {
    if (file !== undefined && file !== WORKFLOW) await reader.save(file, text);
  }
}

test('copied lines of the README lead to an image signed with the identity of its job', async () => {
  await ordinaryRepository();
  const transcript: string[] = [];
  for (const block of blocks) {
    const step = stepOf(block);
    transcript.push(step);
    if (block.file === undefined) {
      transcript.push(await reader.type(block.text));
      continue;
    }
    await reader.save(block.file, block.text);
    await reader.type('git add . && git commit --quiet -m "Publish an image" && git push --quiet origin main');
    const sha = (await reader.pushed(REF)) ?? '';
    const result = await github.run(reader, { repository: REPOSITORY, ref: REF, sha });
    transcript.push(result.story());
    if (result.exit !== 0) throw new Error(transcript.join('\n'));
  }
  expect(transcript.filter((line) => /^(?:save|type) /.test(line))).toEqual([
    `save ${WORKFLOW}`,
    'type cosign verify ghcr.io/acme/app:main \\',
  ]);
  expect([...github.registry.tags(REPOSITORY).keys()]).toEqual(['main']);
  expect(new Set(sigstore.issuer.requests)).toEqual(new Set(['sigstore']));
  const verified = transcript.at(-1);
  expect(verified).toContain('The code-signing certificate was verified using trusted certificate authority');
  expect(verified).toContain('Existence of the claims in the transparency log was verified offline');
  expect(verified).toContain(github.registry.tags(REPOSITORY).get('main'));
}, 300_000);

test('the same command fails for the workflow of another repository', async () => {
  const [command] = blocks.filter(({ language }) => language === 'sh');
  const other = command?.text.replace('github.com/acme/app/', 'github.com/acme/other/') ?? '';
  await expect(reader.type(other)).rejects.toThrow('no matching CertificateIdentity found');
}, 60_000);
