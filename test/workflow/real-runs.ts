/**
 * Runs of the reusable workflow with the suite's own actions and the real tools, for a private repository: each job has
 * a token that may do what the job's `permissions` say, and GitHub's API refuses everything else.
 */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import {
  type ActSuite,
  type ArtifactService,
  copySuiteForAct,
  type FolderServer,
  giveJobTokens,
  jobTokens,
  type OnRequest,
  parseYaml,
  type RegistryServer,
  type RepositoryApi,
  repositoryRoot,
  runWorkflow,
  type StoredArtifact,
  serveFolder,
  startArtifactService,
  startRegistry,
  startRepositoryApi,
  type TestEvent,
  toolsFolder,
  vulnerabilityDatabase,
  type WorkflowRun,
} from '@tidegate/testkit';
import { buildApp } from '../support/app.ts';
import { type Caller, type CallerWorkflow, makeCaller } from './caller.ts';
import { actBinary, fromSource, log, standIns } from './programs.ts';
import { startStandIns } from './stand-ins/start.ts';

const WORKFLOW = 'commit-to-registry.yml';
const LATER = 'publish.yml';
export const REPOSITORY = 'acme/app';
const TAGS = ['v1.2.3', 'v1.3.0', 'v1.2.4'];
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const SIGNING_KEY = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

interface CallerOptions {
  readonly modFile?: 'go.mod' | 'vulnerable.mod';
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly with?: Readonly<Record<string, string | boolean>>;
  readonly needs?: string;
  /** Jobs besides the one that calls the workflow, whose id is `image`. */
  readonly jobs?: (uses: (workflow: string) => string) => CallerWorkflow['jobs'];
  readonly variants?: CallerWorkflow['variants'];
  readonly secrets?: CallerWorkflow['secrets'];
}

export interface RunOptions {
  /** Changes to the reusable workflow in this run. */
  readonly change?: (workflow: string) => string;
  /** Re-runs the failed jobs of this attempt, and sees its artifacts. */
  readonly after?: Attempt;
  /** The API sees none of the tokens as one for this repository: 404, whatever is asked. */
  readonly unseen?: boolean;
  /** The repository's secrets. */
  readonly secrets?: Readonly<Record<string, string>>;
}

export interface Attempt extends WorkflowRun {
  /** Of the artifact service. */
  readonly attempt: string;
  readonly artifacts: readonly StoredArtifact[];
}

export interface RealRuns extends AsyncDisposable {
  /** For what a test keeps. */
  readonly folder: string;
  readonly registry: RegistryServer;
  readonly artifacts: ArtifactService;
  readonly api: RepositoryApi;
  /** Of every run. */
  readonly inputs: { readonly 'db-mirror': string; readonly tools: string };
  caller(name: string, options?: CallerOptions): Promise<Caller>;
  run(caller: Caller, event: TestEvent, options?: RunOptions): Promise<Attempt>;
  /** Tag to digest, in the registry. */
  tags(): Readonly<Record<string, string>>;
}

export interface RealRunsOptions {
  readonly onFinal?: (artifact: StoredArtifact) => Promise<void>;
  /** Answers of the registry in place of its own. */
  readonly onRequest?: OnRequest;
  /** Of every step, besides what a runner gives. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function startRealRuns(options: RealRunsOptions = {}): Promise<RealRuns> {
  await using opened = new AsyncDisposableStack();
  const act = await actBinary();
  const folder = await mkdtemp(join(tmpdir(), 'real-runs-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const suite = await copySuiteForAct({
    ...{ root: repositoryRoot, into: folder, workflows: [WORKFLOW, LATER], standIns, fromSource },
  });
  const path = join(suite.folder, '.github/workflows', WORKFLOW);
  const takesToken = await actionsWithToken(suite);
  const workflow = giveJobTokens(await readFile(path, 'utf8'), takesToken);
  const later = join(suite.folder, '.github/workflows', LATER);
  await writeFile(later, giveJobTokens(await readFile(later, 'utf8'), takesToken));
  const tokens = jobTokens(workflow);
  const state = { repository: REPOSITORY, private: true, branches: {}, tags: {}, releases: [] };
  const api = opened.use(await startRepositoryApi(state, tokens));
  const elsewhere = tokens.map(({ token }) => ({ token, contents: 'elsewhere' as const }));
  const unseen = opened.use(await startRepositoryApi(state, elsewhere));
  const host = opened.use(await startStandIns());
  const tools = await toolsFolder({ log });
  const database: FolderServer = opened.use(await serveFolder((await vulnerabilityDatabase({ log })).folder));
  const registry = await startRegistry(options.onRequest ? { onRequest: options.onRequest } : {});
  opened.defer(() => registry.close());
  const artifacts = opened.use(await startArtifactService(options.onFinal ? { onFinal: options.onFinal } : {}));
  const inputs = { 'db-mirror': database.url, tools };
  const closing = opened.move();
  let runs = 0;

  return {
    ...{ folder, registry, artifacts, api, inputs },
    tags: () => Object.fromEntries(registry.tags(REPOSITORY)),
    async caller(name, { modFile = 'go.mod', files = {}, with: given = {}, variants, secrets, jobs, needs } = {}) {
      const app = await filesBelow(await buildApp(join(folder, name), modFile));
      const made = await makeCaller(
        { ...app, ...files },
        {
          uses: suite.workflow(WORKFLOW),
          with: { image: `${registry.host}/${REPOSITORY}`, ...inputs, ...given },
          secrets: secrets ?? { 'signing-key': 'KEY' },
          needs,
          jobs: jobs?.((file) => suite.workflow(file)),
          ...(variants ? { variants } : {}),
        },
        TAGS,
      );
      return closing.use(made);
    },
    async run(caller, event, { change, after, unseen: isUnseen, secrets } = {}) {
      const attempt = `run-${++runs}`;
      if (after) artifacts.rerunFailed(after.attempt, attempt);
      // The last run has the branch and the git tags.
      api.state.branches = { main: caller.sha };
      api.state.tags = Object.fromEntries(TAGS.map((tag) => [tag, caller.sha]));
      await writeFile(path, change ? change(workflow) : workflow);
      const ran = await runWorkflow({
        ...{ act, repository: caller.folder, workflow: '.github/workflows/ship.yml' },
        ...{ repositoryName: REPOSITORY, repositories: suite.repositories, ...event },
        temp: await caller.temp(attempt),
        secrets: secrets ?? { KEY: SIGNING_KEY },
        env: {
          ...suite.env,
          ...host.env,
          ...options.env,
          GITHUB_API_URL: (isUnseen ? unseen : api).url.replace(/\/$/, ''),
          ...{ ACTIONS_RESULTS_URL: artifacts.url, ACTIONS_RUNTIME_TOKEN: artifacts.token(attempt, 'job') },
        },
      });
      return { ...ran, attempt, artifacts: artifacts.artifacts(attempt) };
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

async function actionsWithToken({ folder }: ActSuite): Promise<ReadonlySet<string>> {
  const names = await readdir(join(folder, 'actions'));
  const declared = await Promise.all(
    names.map(async (name) => {
      const source = await readFile(join(folder, 'actions', name, 'action.yml'), 'utf8').catch(() => '');
      return source !== '' && 'token' in parseYaml(source).inputs ? [name] : [];
    }),
  );
  return new Set(declared.flat());
}

async function filesBelow(folder: string): Promise<Readonly<Record<string, Buffer>>> {
  const files: Record<string, Buffer> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[relative(folder, path)] = await readFile(path);
  }
  return files;
}

/** Fails with what every step did, where the run ended otherwise. */
export function expectRun(result: WorkflowRun, exit: number, ran: readonly string[]): void {
  if (result.exit !== exit || result.ran.join() !== ran.join()) throw new Error(result.story());
}

/** Paths in an artifact's zip, from its central directory. */
export async function filesIn(artifact: StoredArtifact | undefined): Promise<readonly string[]> {
  const zip = await readFile(artifact?.file ?? 'no such artifact');
  const paths: string[] = [];
  for (let at = zip.indexOf('PK\x01\x02'); at !== -1; at = zip.indexOf('PK\x01\x02', at + 46)) {
    paths.push(zip.toString('utf8', at + 46, at + 46 + zip.readUInt16LE(at + 28)));
  }
  return paths;
}
