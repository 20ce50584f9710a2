/** Facts for the pictures: a static site is published, and its next version is refused, with the real tools. */
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type BundleResult,
  pushOf,
  runBundle,
  runPost,
  serveFolder,
  startRegistry,
  toolsFolder,
  vulnerabilityDatabase,
} from '@tidegate/testkit';
import { applications, makeApp } from '../first-run/apps.ts';
import { mirrorConfig, serveBases } from '../first-run/bases.ts';
import { actionsFromSource } from '../support/actions.ts';
import { startBuildkitd } from '../support/servers.ts';

const REPOSITORY = 'acme/site';
const run = promisify(execFile);

/** The output of a run that people see. */
export interface Shown {
  readonly html: string;
  readonly summary: string;
}

export async function shippedTwice(log: (line: string) => void): Promise<{ published: Shown; refused: Shown }> {
  await using opened = new AsyncDisposableStack();
  const base = await mkdtemp(join(tmpdir(), 'pictures-'));
  opened.defer(() => rm(base, { recursive: true, force: true }));
  const tools = await toolsFolder({ log });
  const database = opened.use(await serveFolder((await vulnerabilityDatabase({ log })).folder));
  const registry = await startRegistry({ dir: join(base, 'registry') });
  opened.defer(() => registry.close());
  log('base images');
  await serveBases(registry.host, ['node:24-slim', 'nginx:1.22', 'nginx:1.21']);
  const { address } = opened.use(await startBuildkitd(tools, join(base, 'buildkit'), mirrorConfig(registry.host)));
  const actions = await actionsFromSource(join(base, 'actions'));
  const image = `${registry.host}/${REPOSITORY}`;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

  const shipped = async (state: 'sound' | 'vulnerable', tag: string): Promise<Shown> => {
    log(`${tag}, ${state}`);
    const workspace = join(base, state);
    const sha = await committed(workspace, state, tag);
    await mkdir(join(base, `runner-${state}`));
    const result = await runBundle({
      action: join(actions, 'ship', 'action.yml'),
      inputs: { image, key, tools, 'db-mirror': database.url, platforms: 'linux/amd64' },
      ...{ workspace, temp: join(base, `runner-${state}`), timeout: 900_000 },
      event: pushOf(`refs/tags/${tag}`, { repository: REPOSITORY, sha }).payload,
      env: {
        ...{ GITHUB_REPOSITORY: REPOSITORY, GITHUB_SHA: sha, BUILDKIT_HOST: address },
        ...{ GITHUB_REF: `refs/tags/${tag}`, GITHUB_REF_NAME: tag, GITHUB_REF_TYPE: 'tag' },
      },
    });
    await runPost(result);
    return shownBy(result, state === 'sound' ? 0 : 1, registry.host);
  };
  return { published: await shipped('sound', 'v1.0.0'), refused: await shipped('vulnerable', 'v1.1.0') };
}

/** @returns the commit */
async function committed(folder: string, state: 'sound' | 'vulnerable', tag: string): Promise<string> {
  const app = applications.find(({ name }) => name === 'static');
  if (!app) throw new Error('The application "static" does not exist.');
  await makeApp(app, folder, state);
  const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  const git = (...argv: string[]) => run('git', [...author, ...argv], { cwd: folder });
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'The site');
  await git('tag', tag);
  return (await git('rev-parse', 'HEAD')).stdout.trim();
}

/** The local registry has a random port: readers see the name of a real one. */
async function shownBy(result: BundleResult, expected: number, host: string): Promise<Shown> {
  const path = result.outputs['html-path'];
  if (result.exitCode !== expected || !path) {
    throw new Error(`The run ended with ${result.exitCode}, not ${expected}:\n${result.log.slice(-60).join('\n')}`);
  }
  const [, port] = host.split(':');
  // Markdown escapes its dots and its colon.
  const escaped = new RegExp(String.raw`127(?:\\?\.|&#46;)0(?:\\?\.|&#46;)0(?:\\?\.|&#46;)1(?:\\?:|&#58;)${port}`, 'g');
  const named = (text: string) => text.replaceAll(escaped, 'ghcr.io');
  return { html: named(await readFile(path, 'utf8')), summary: named(result.summary) };
}
