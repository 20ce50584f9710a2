/** The job of docs/reference/reusable-workflow.md that comments on a pull request, against GitHub's paths for comments. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { parseYaml, repositoryRoot, serveLoopback } from '@tidegate/testkit';
import { codeBlocks } from '../../packages/tooling/src/site/blocks.ts';

const MARKER = '<!-- tidegate: acme%2Fapp -->';
const OURS = { id: 5, user: { type: 'Bot' }, body: `${MARKER}\nold` };
const OTHERS = [
  { id: 3, user: { type: 'Bot' }, body: 'Coverage: 90%' },
  { id: 4, user: { type: 'User' }, body: `${MARKER}\n### ✅ forged` },
];

interface Step {
  readonly run?: string;
  readonly shell?: string;
}

async function script(): Promise<string> {
  const page = await readFile(join(repositoryRoot, 'docs/reference/reusable-workflow.md'), 'utf8');
  const documents = codeBlocks(page).map(({ text }) => parseYaml(text));
  const jobs = documents.flatMap((one) => Object.entries((one as { jobs?: object } | undefined)?.jobs ?? {}));
  const steps = jobs.flatMap(([id, job]) => (id === 'comment' ? (job as { steps: readonly Step[] }).steps : []));
  const [step, ...others] = steps.filter(({ run }) => run !== undefined);
  expect(others).toEqual([]);
  expect(step?.shell).toBe('bash');
  return step?.run ?? '';
}

/** @param comment the text in the artifact; undefined if the run ended before it */
async function ran(comment: string | undefined, comments: readonly object[], status = 200) {
  const sent: { readonly what: string; readonly body: string; readonly authorization: string | undefined }[] = [];
  await using github = await serveLoopback(async (request, response, { pathname }) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method !== 'GET') {
      const { body } = JSON.parse(Buffer.concat(chunks).toString());
      sent.push({ what: `${request.method} ${pathname}`, body, authorization: request.headers.authorization });
    }
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(request.method === 'GET' ? comments : {}));
  });
  const folder = await mkdtemp(join(tmpdir(), 'comment-recipe-'));
  try {
    if (comment !== undefined) {
      await mkdir(join(folder, 'reports/scan'), { recursive: true });
      await writeFile(join(folder, 'reports/scan/comment.md'), comment);
    }
    // As the runner starts `shell: bash`.
    const argv = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', await script()];
    const env = {
      ...{ PATH: process.env.PATH, GITHUB_REPOSITORY: 'acme/app', TOKEN: 'ghs_token', NUMBER: '7' },
      ...{ COMMENTS: `${github.url}repos/acme/app/issues`, RUN: 'https://github.com/acme/app/actions/runs/1' },
    };
    await promisify(execFile)('bash', argv, { cwd: folder, env });
    return sent;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const TEXT = `${MARKER}\n### ❌ Gate failed: acme/app\n\n"quoted" & $(id)\n`;

test('updates its own comment, and no other one', async () => {
  expect(await ran(TEXT, [...OTHERS, OURS])).toEqual([
    { what: 'PATCH /repos/acme/app/issues/comments/5', body: TEXT, authorization: 'Bearer ghs_token' },
  ]);
});

test('creates it if there is none', async () => {
  expect(await ran(TEXT, OTHERS)).toEqual([
    { what: 'POST /repos/acme/app/issues/7/comments', body: TEXT, authorization: 'Bearer ghs_token' },
  ]);
});

test('replaces an earlier result if the run failed before its verdict', async () => {
  const [sent] = await ran(undefined, [OURS]);
  expect(sent?.what).toBe('PATCH /repos/acme/app/issues/comments/5');
  expect(sent?.body).toBe(
    `${MARKER}\n### ❌ The image was not checked\n\nThe run failed before its verdict: [job summary](https://github.com/acme/app/actions/runs/1).\n`,
  );
});

test('fails if GitHub refuses', async () => {
  await expect(ran(TEXT, [OURS], 403)).rejects.toThrow(/403/);
});
