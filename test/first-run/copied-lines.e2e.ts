/**
 * "Your first image in five minutes", as its reader follows it: the lines of the page are copied as they are, and a
 * signed image is in a registry at the end. Three things of the outside are replaced: GitHub by a stand-in for `gh`, a
 * bare repository and act; ghcr.io by a registry on this machine; the servers of tools and database by local ones.
 */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  type ActSuite,
  copySuiteForAct,
  pushOf,
  type RegistryServer,
  repositoryRoot,
  runWorkflow,
  serveFolder,
  startRegistry,
  toolsFolder,
  vulnerabilityDatabase,
  type WorkflowRun,
} from '@tidegate/testkit';
import { type CodeBlock, codeBlocks } from '../../packages/tooling/src/site/blocks.ts';
import { startBuildkitd } from '../support/servers.ts';
import { actBinary, BUILD_TIME, fromSource, log, standIns } from '../workflow/programs.ts';
import { mirrorConfig, serveBases } from './bases.ts';

const run = promisify(execFile);
const REPOSITORY = 'acme/hello';
const PAGE = 'docs/guides/first-image.md';
const WORKFLOW = '.github/workflows/image.yml';

const opened = new AsyncDisposableStack();
let folder: string;
let act: string;
let suite: ActSuite;
let tools: string;
let database: string;
let buildkit: string;
let registry: RegistryServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copied-lines-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  act = await actBinary();
  tools = await toolsFolder({ log });
  const into = join(folder, 'suite');
  await mkdir(into);
  suite = await copySuiteForAct({ root: repositoryRoot, into, workflows: [], standIns, fromSource });
  database = opened.use(await serveFolder((await vulnerabilityDatabase({ log })).folder)).url;
  registry = await startRegistry();
  opened.defer(() => registry.close());
  await serveBases(registry.host, ['node:24-slim']);
  buildkit = opened.use(await startBuildkitd(tools, join(folder, 'buildkit'), mirrorConfig(registry.host))).address;
}, BUILD_TIME);

afterAll(() => opened.disposeAsync());

/** The reader's machine: a home, the programs that the page uses, and what GitHub keeps. */
class Reader {
  readonly home = join(folder, 'reader');
  readonly #bin = join(folder, 'bin');
  readonly #hub = join(folder, 'hub');
  /** The folder that the last command went to. */
  #at = this.home;

  async prepare(): Promise<void> {
    for (const one of [this.home, this.#bin, join(this.#hub, 'secrets')]) await mkdir(one, { recursive: true });
    const bare = join(this.#hub, 'hello.git');
    await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare]);
    await this.#program(
      'gh',
      `case "$1 $2" in
        "secret set") cat > '${this.#hub}/secrets/'"$3" ;;
        "repo create") git remote add origin '${bare}' ;;
        *) echo "no stand-in for gh $*" >&2; exit 1 ;;
      esac`,
    );
    await this.#program(
      'cosign',
      `for word in "$@"; do
        shift
        case "$word" in ghcr.io/*) word="${registry.host}/\${word#ghcr.io/}" ;; esac
        set -- "$@" "$word"
      done
      exec '${join(tools, 'cosign')}' "$@"`,
    );
  }

  /** @returns what the lines print */
  async type(lines: string): Promise<string> {
    const where = join(folder, 'pwd');
    const script = `set -eu\n${lines}\npwd > '${where}'\n`;
    const env = {
      ...{ PATH: [this.#bin, process.env.PATH].join(delimiter), HOME: this.home, GIT_CONFIG_NOSYSTEM: '1' },
      ...{ GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.com' },
      ...{ GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.com' },
    };
    const { stdout, stderr } = await run('sh', ['-c', script], { cwd: this.#at, env });
    this.#at = (await readFile(where, 'utf8')).trim();
    return `${stdout}${stderr}`;
  }

  async save(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.#at, path)), { recursive: true });
    await writeFile(join(this.#at, path), text);
  }

  secret(name: string): Promise<string> {
    return readFile(join(this.#hub, 'secrets', name), 'utf8');
  }

  /** The commit of a git tag that was pushed. */
  async pushed(tag: string): Promise<string | undefined> {
    const { stdout } = await run('git', ['-C', join(this.#hub, 'hello.git'), 'for-each-ref', `refs/tags/${tag}`]);
    return stdout.split(' ')[0] || undefined;
  }

  /** A checkout of what was pushed, as a runner has it. */
  async checkout(): Promise<string> {
    const into = join(folder, 'checkout');
    await run('git', ['clone', '--quiet', join(this.#hub, 'hello.git'), into]);
    return into;
  }

  async #program(name: string, script: string): Promise<void> {
    await writeFile(join(this.#bin, name), `#!/bin/sh\nset -eu\n${script}\n`);
    await chmod(join(this.#bin, name), 0o755);
  }
}

/** GitHub runs the workflow that was pushed. It differs from the copied one only in the servers. */
async function runPushed(reader: Reader, sha: string): Promise<WorkflowRun> {
  const repository = await reader.checkout();
  const file = join(repository, WORKFLOW);
  const copied = await readFile(file, 'utf8');
  const local = copied.replace('image: ghcr.io/', `image: ${registry.host}/`);
  expect(local).not.toBe(copied);
  await writeFile(file, `${local.trimEnd()}\n          db-mirror: ${database}\n          tools: ${tools}\n`);
  const temp = join(folder, 'act');
  await mkdir(temp);
  const { event, payload } = pushOf('refs/tags/v1.0.0', { repository: REPOSITORY, sha });
  return runWorkflow({
    ...{ act, repository, workflow: WORKFLOW, repositoryName: REPOSITORY, event, payload, sha, temp },
    repositories: { 'tidegate/tidegate@v1': suite.folder },
    secrets: { SIGNING_KEY: await reader.secret('SIGNING_KEY') },
    env: { BUILDKIT_HOST: buildkit },
  });
}

test('the README leads to the page', async () => {
  const readme = await readFile(join(repositoryRoot, 'README.md'), 'utf8');
  expect(readme).toContain(`](${PAGE})`);
});

test('its copied lines lead to a signed image, which anyone verifies with cosign', async () => {
  const blocks = codeBlocks(await readFile(join(repositoryRoot, PAGE), 'utf8'));
  const reader = new Reader();
  await reader.prepare();
  const transcript: string[] = [];
  let result: WorkflowRun | undefined;
  for (const block of blocks) {
    transcript.push(stepOf(block));
    if (block.file !== undefined) await reader.save(block.file, block.text);
    else transcript.push(await reader.type(block.text));
    const sha = await reader.pushed('v1.0.0');
    if (sha === undefined || result !== undefined) continue;
    result = await runPushed(reader, sha);
    transcript.push(result.story());
    if (result.exit !== 0) throw new Error(transcript.join('\n'));
  }
  expect(transcript.filter((line) => /^(?:save|type) /.test(line))).toEqual([
    'type mkdir hello && cd hello',
    'save server.js',
    'save Dockerfile',
    'save .github/workflows/image.yml',
    'type openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem',
    'save .github/workflows/image.yml',
    'type git add .',
    'type IMAGE=ghcr.io/acme/hello:1.0.0',
  ]);
  const tags = Object.fromEntries(registry.tags(REPOSITORY));
  expect(Object.keys(tags).toSorted()).toEqual(['1', '1.0', '1.0.0', 'latest']);
  expect(new Set(Object.values(tags)).size).toBe(1);
  const verified = transcript.at(-1);
  expect(verified).toContain('The signatures were verified against the specified public key');
  expect(verified).toContain(tags.latest);
}, 300_000);

test('the private key is nowhere in what was pushed', async () => {
  const files = await run('git', ['-C', join(folder, 'checkout'), 'ls-files']);
  expect(files.stdout.split('\n').filter(Boolean)).toEqual([
    '.github/workflows/image.yml',
    'Dockerfile',
    'cosign.pub',
    'server.js',
  ]);
});

/** One line for each step of the reader. */
function stepOf({ file, text, language, line }: CodeBlock): string {
  if (file !== undefined) return `save ${file}`;
  // A block that is neither saved nor typed leaves its reader with a question.
  if (language !== 'sh') throw new Error(`${PAGE}:${line} is not saved as a file and is no command`);
  return `type ${text.split('\n')[0]}`;
}
