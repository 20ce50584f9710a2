/** Facts for the pictures: images that are built, scanned and published with the real tools. */
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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
import { type App, applications, makeApp, makeExample, rust } from '../first-run/apps.ts';
import { mirrorConfig, serveBases } from '../first-run/bases.ts';
import { actionsFromSource } from '../support/actions.ts';
import { startBuildkitd } from '../support/servers.ts';

const OWNER = 'acme';
const run = promisify(execFile);
type Log = (line: string) => void;

/** The output of a run that people see. */
export interface Shown {
  readonly html: string;
  readonly summary: string;
  readonly comment: string;
}

/** A commit, and the git tag on it that is published. */
interface Commit {
  /** Of the image. */
  readonly name: string;
  readonly tag: string;
  /** Writes the files. */
  readonly fill: (folder: string) => Promise<void>;
  /** Path of the Dockerfile. */
  readonly file: string;
}

interface Shop extends AsyncDisposable {
  /** The digests of the base images, by name. */
  readonly bases: ReadonlyMap<string, string>;
  /** @param expected exit code */
  ship(commit: Commit, expected: number): Promise<Shown>;
}

/** @param names of the base images that are served; default: all */
async function openShop(log: Log, names?: readonly string[]): Promise<Shop> {
  await using opening = new AsyncDisposableStack();
  const base = await mkdtemp(join(tmpdir(), 'pictures-'));
  opening.defer(() => rm(base, { recursive: true, force: true }));
  const tools = await toolsFolder({ log });
  const database = opening.use(await serveFolder((await vulnerabilityDatabase({ log })).folder));
  const registry = await startRegistry({ dir: join(base, 'registry') });
  opening.defer(() => registry.close());
  log('base images');
  const bases = await serveBases(registry.host, names);
  const { address } = opening.use(await startBuildkitd(tools, join(base, 'buildkit'), mirrorConfig(registry.host)));
  const actions = await actionsFromSource(join(base, 'actions'));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const opened = opening.move();

  return {
    bases,
    async ship({ name, tag, fill, file }, expected) {
      log(`${name} ${tag}`);
      const [workspace, temp] = [join(base, `${name}-${tag}`), join(base, `runner-${name}-${tag}`)];
      await fill(workspace);
      const sha = await committed(workspace, tag);
      await mkdir(temp);
      const repository = `${OWNER}/${name}`;
      const image = `${registry.host}/${repository}`;
      const result = await runBundle({
        action: join(actions, 'ship', 'action.yml'),
        inputs: { image, key, tools, file, 'db-mirror': database.url, platforms: 'linux/amd64' },
        ...{ workspace, temp, timeout: 900_000 },
        event: pushOf(`refs/tags/${tag}`, { repository, sha }).payload,
        env: {
          ...{ GITHUB_REPOSITORY: repository, GITHUB_SHA: sha, BUILDKIT_HOST: address },
          ...{ GITHUB_REF: `refs/tags/${tag}`, GITHUB_REF_NAME: tag, GITHUB_REF_TYPE: 'tag' },
        },
      });
      await runPost(result);
      return shownBy(result, expected, registry.host);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** A static site is published, and its next version is refused. */
export async function shippedTwice(log: Log): Promise<{ published: Shown; refused: Shown }> {
  await using shop = await openShop(log, ['node:24-slim', 'nginx:1.22', 'nginx:1.21']);
  const app = applications.find(({ name }) => name === 'static');
  if (!app) throw new Error('The application "static" does not exist.');
  const site = (state: 'sound' | 'vulnerable', tag: string) => ({
    ...{ name: 'site', tag, file: app.file },
    fill: (folder: string) => makeApp(app, folder, state),
  });
  return {
    published: await shop.ship(site('sound', 'v1.0.0'), 0),
    refused: await shop.ship(site('vulnerable', 'v1.1.0'), 1),
  };
}

/** Each application with an ordinary Dockerfile and no policy: its sound state is published, the other one is refused. */
export async function shippedApplications(
  log: Log,
): Promise<ReadonlyMap<string, Record<'published' | 'refused', Shown>>> {
  await using shop = await openShop(log);
  const shown = new Map<string, Record<'published' | 'refused', Shown>>();
  for (const app of applications) {
    const ship = (state: 'sound' | 'vulnerable', tag: string, expected: number) =>
      shop.ship({ name: app.name, tag, file: app.file, fill: (folder) => makeApp(app, folder, state) }, expected);
    const published = await ship('sound', 'v2.0.0', 0);
    shown.set(app.name, { published, refused: await ship('vulnerable', 'v2.1.0', 1) });
  }
  return shown;
}

/** A copy of each example, published with the policy that it brings along. Of two images in one example, the first. */
export async function shippedExamples(log: Log): Promise<ReadonlyMap<string, Shown>> {
  await using shop = await openShop(log);
  const examples = new Map<string, App>();
  for (const app of [...applications, rust]) if (!examples.has(app.source)) examples.set(app.source, app);
  const shown = new Map<string, Shown>();
  for (const [source, app] of examples) {
    const fill = (folder: string) => makeExample(app, folder, shop.bases);
    shown.set(source, await shop.ship({ name: app.name, tag: 'v1.2.3', file: app.file, fill }, 0));
  }
  return shown;
}

/** @returns the commit */
async function committed(folder: string, tag: string): Promise<string> {
  const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  const git = (...argv: string[]) => run('git', [...author, ...argv], { cwd: folder });
  await git('init', '--quiet', '--initial-branch=main');
  // An ignored file of the machine would be missing in the commit.
  await git('add', '--all', '--force');
  await git('commit', '--quiet', '--message', 'The application');
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
  const comment = named(await readFile(join(dirname(path), 'comment.md'), 'utf8'));
  return { html: named(await readFile(path, 'utf8')), summary: named(result.summary), comment };
}
