/**
 * GitHub, for a workflow that a reader copied: act runs it as it was pushed. Three things of the outside are replaced:
 * the registry, by its host in `image:`; the action, by a copy that has other defaults, so that its servers are those
 * of this machine; and the token of the job's identity, by that of a loopback issuer.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  copySuiteForAct,
  parseYaml,
  pushOf,
  type RegistryServer,
  repositoryRoot,
  runWorkflow,
  type Sigstore,
  serveFolder,
  startRegistry,
  toolsFolder,
  vulnerabilityDatabase,
  type WorkflowRun,
} from '@tidegate/testkit';
import { startBuildkitd } from '../support/servers.ts';
import { actBinary, fromSource, log, standIns } from '../workflow/programs.ts';
import { mirrorConfig, serveBases } from './bases.ts';
import type { Reader } from './reader.ts';

export const WORKFLOW = '.github/workflows/image.yml';
const ACTION = 'tidegate/tidegate@v1';

interface Pushed {
  /** `owner/name` */
  readonly repository: string;
  readonly ref: `refs/heads/${string}` | `refs/tags/${string}`;
  readonly sha: string;
  readonly secrets?: Readonly<Record<string, string>>;
}

export interface GitHub extends AsyncDisposable {
  /** An empty folder, deleted at the end. */
  readonly folder: string;
  readonly registry: RegistryServer;
  /** Folder of the tools, with cosign. */
  readonly tools: string;
  /** Run the workflow that was pushed. */
  run(reader: Reader, pushed: Pushed): Promise<WorkflowRun>;
}

/** @param sigstore in place of the public one */
export async function startGitHub(sigstore?: Sigstore): Promise<GitHub> {
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'copied-lines-'));
  opening.defer(() => rm(folder, { recursive: true, force: true }));
  const act = await actBinary();
  const tools = await toolsFolder({ log });
  const into = join(folder, 'suite');
  await mkdir(into);
  const suite = await copySuiteForAct({ root: repositoryRoot, into, workflows: [], standIns, fromSource });
  const database = opening.use(await serveFolder((await vulnerabilityDatabase({ log })).folder));
  await setDefaults(join(suite.folder, 'action.yml'), {
    ...{ tools, 'db-mirror': database.url },
    ...(sigstore ? { 'signing-config': sigstore.signingConfig, 'trusted-root': sigstore.trustedRoot } : {}),
  });
  const registry = await startRegistry();
  opening.defer(() => registry.close());
  await serveBases(registry.host, ['node:24-slim']);
  const buildkit = opening.use(await startBuildkitd(tools, join(folder, 'buildkit'), mirrorConfig(registry.host)));
  const opened = opening.move();
  let runs = 0;

  return {
    ...{ folder, registry, tools },
    async run(reader, { repository: repositoryName, ref, sha, secrets = {} }) {
      runs += 1;
      const repository = await reader.checkout(join(folder, `checkout-${runs}`));
      const file = join(repository, WORKFLOW);
      const copied = await readFile(file, 'utf8');
      await writeFile(file, withRegistry(copied, registry.host));
      const temp = join(folder, `act-${runs}`);
      await mkdir(temp);
      const { event, payload } = pushOf(ref, { repository: repositoryName, sha });
      return runWorkflow({
        ...{ act, repository, workflow: WORKFLOW, repositoryName, event, payload, sha, temp, secrets },
        repositories: { [ACTION]: suite.folder },
        env: {
          BUILDKIT_HOST: buildkit.address,
          ...(sigstore ? identityOf(copied, sigstore, { repository: repositoryName, ref, sha }) : {}),
        },
      });
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** The only change to a copied workflow. */
function withRegistry(copied: string, host: string): string {
  const [before, after, ...more] = copied.split('image: ghcr.io/');
  if (after === undefined || more.length > 0) throw new Error('The workflow does not name ghcr.io once.');
  return `${before}image: ${host}/${after}`;
}

/** @param manifest path of an action.yml */
async function setDefaults(manifest: string, defaults: Readonly<Record<string, string>>): Promise<void> {
  const action = parseYaml(await readFile(manifest, 'utf8'));
  for (const [name, value] of Object.entries(defaults)) {
    if (!action.inputs[name]) throw new Error(`The action has no input ${name}.`);
    action.inputs[name].default = value;
  }
  // JSON is YAML.
  await writeFile(manifest, JSON.stringify(action));
}

/**
 * The endpoint of the job's identity. GitHub sets it only for a job with `id-token: write`
 * (docs.github.com/actions/reference/security/oidc, "Workflow permissions for the requesting the OIDC token").
 */
function identityOf(workflow: string, { issuer }: Sigstore, { repository, ref, sha }: Pushed): Record<string, string> {
  const [job] = Object.values(parseYaml(workflow).jobs) as { permissions?: Record<string, string> }[];
  if (job?.permissions?.['id-token'] !== 'write') return {};
  const at = `${repository}/${WORKFLOW}@${ref}`;
  const [owner = ''] = repository.split('/');
  issuer.claim({
    ...{ sub: `repo:${repository}:ref:${ref}`, repository, repository_owner: owner, ref, sha },
    ...{ ref_type: ref.startsWith('refs/tags/') ? 'tag' : 'branch', event_name: 'push', workflow: 'Image' },
    ...{ workflow_ref: at, workflow_sha: sha, job_workflow_ref: at, job_workflow_sha: sha },
  });
  return { ACTIONS_ID_TOKEN_REQUEST_URL: issuer.requestUrl, ACTIONS_ID_TOKEN_REQUEST_TOKEN: issuer.requestToken };
}
