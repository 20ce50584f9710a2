/**
 * "Your first image in five minutes", as its reader follows it: the lines of the page are copied as they are, and a
 * signed image is in a registry at the end. GitHub is replaced by a stand-in for `gh`, a bare repository and act.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { repositoryRoot, type WorkflowRun } from '@tidegate/testkit';
import { codeBlocks } from '../../packages/tooling/src/site/blocks.ts';
import { BUILD_TIME } from '../workflow/programs.ts';
import { type GitHub, startGitHub } from './github.ts';
import { Reader, stepOf } from './reader.ts';

const REPOSITORY = 'acme/hello';
const PAGE = 'docs/guides/first-image.md';

let github: GitHub;
beforeAll(async () => {
  github = await startGitHub();
}, BUILD_TIME);
afterAll(async () => github[Symbol.asyncDispose]());

test('the README leads to the page', async () => {
  const readme = await readFile(join(repositoryRoot, 'README.md'), 'utf8');
  expect(readme).toContain(`](${PAGE})`);
});

test('its copied lines lead to a signed image, which anyone verifies with cosign', async () => {
  const all = codeBlocks(await readFile(join(repositoryRoot, PAGE), 'utf8'));
  const keyless = await commandOfReadme();
  // That image is signed by public Sigstore. copied-keyless.e2e.ts runs the command.
  const blocks = all.filter(({ text }) => text !== keyless);
  expect(blocks).toHaveLength(all.length - 1);
  const reader = await Reader.prepare({
    ...{ folder: join(github.folder, 'reader'), cosign: join(github.tools, 'cosign') },
    replaced: { 'ghcr.io/': `${github.registry.host}/` },
  });
  const transcript: string[] = [];
  let result: WorkflowRun | undefined;
  for (const block of blocks) {
    transcript.push(stepOf(block));
    if (block.file !== undefined) await reader.save(block.file, block.text);
    else transcript.push(await reader.type(block.text));
    const ref = 'refs/tags/v1.0.0';
    const sha = await reader.pushed(ref);
    if (sha === undefined || result !== undefined) continue;
    const secrets = { SIGNING_KEY: await reader.secret('SIGNING_KEY') };
    result = await github.run(reader, { repository: REPOSITORY, ref, sha, secrets });
    transcript.push(result.story());
    if (result.exit !== 0) throw new Error(transcript.join('\n'));
  }
  expect(transcript.filter((line) => /^(?:save|type) /.test(line))).toEqual([
    'type mkdir hello && cd hello',
    'save server.js',
    'save Dockerfile',
    'save .github/workflows/image.yml',
    'type git add .',
    'type openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem',
    'save .github/workflows/image.yml',
    'type git add .',
    'type IMAGE=ghcr.io/acme/hello:1.0.0',
  ]);
  const tags = Object.fromEntries(github.registry.tags(REPOSITORY));
  expect(Object.keys(tags).toSorted()).toEqual(['1', '1.0', '1.0.0', 'latest']);
  expect(new Set(Object.values(tags)).size).toBe(1);
  const verified = transcript.at(-1);
  expect(verified).toContain('The signatures were verified against the specified public key');
  expect(verified).toContain(tags.latest);
}, 300_000);

/** Of README, to verify a keyless image, with the name of the page's repository. */
async function commandOfReadme(): Promise<string | undefined> {
  const blocks = codeBlocks(await readFile(join(repositoryRoot, 'README.md'), 'utf8'));
  const verifying = blocks.find(({ text }) => text.startsWith('cosign verify '));
  return verifying?.text.replaceAll('acme/app', REPOSITORY);
}

test('the private key is nowhere in what was pushed', async () => {
  const files = await promisify(execFile)('git', ['-C', join(github.folder, 'checkout-1'), 'ls-files']);
  expect(files.stdout.split('\n').filter(Boolean)).toEqual([
    '.github/workflows/image.yml',
    'Dockerfile',
    'cosign.pub',
    'server.js',
  ]);
});
