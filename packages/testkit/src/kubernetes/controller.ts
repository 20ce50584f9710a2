import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Servers } from '../programs/servers.ts';
import type { ApiClient, ApiObject } from './client.ts';
import { type Cluster, kubeconfigOf } from './cluster.ts';

/** Disposing of it ends the process and leaves its objects and webhooks in the cluster, as a crash does. */
export interface Controller extends AsyncDisposable {
  /** The output of the process so far. */
  printed(): string;
}

interface ControllerSetup {
  /** Path of the program. */
  readonly program: string;
  /** The objects of its release, in the order in which they are created. */
  readonly objects: readonly ApiObject[];
  /** Name of the Deployment among them whose first container is the program. */
  readonly deployment: string;
  /** What is different on this machine: flags after those of the container, and variables. */
  readonly here: (paths: { readonly kubeconfig: string; readonly home: string }) => {
    readonly flags: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  };
  readonly isReady: (admin: ApiClient) => Promise<boolean>;
}

interface Deployment extends ApiObject {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly template: { readonly spec: PodSpec } };
}
interface PodSpec {
  readonly serviceAccountName: string;
  readonly containers: readonly { readonly args: readonly string[]; readonly env: readonly Variable[] }[];
}
interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
}

const PATIENCE_MS = 180_000;

/**
 * A controller as its release installs it, except that no pod runs: its container is a process of this machine, with the
 * container's arguments and variables, and the permissions of its service account.
 */
export async function startController(cluster: Cluster, setup: ControllerSetup): Promise<Controller> {
  const admin = cluster.as('admin');
  for (const object of withAggregatedRoles(setup.objects)) await created(admin.create(object));
  const { metadata, spec } = setup.objects.find(
    ({ kind, metadata }) => kind === 'Deployment' && metadata?.name === setup.deployment,
  ) as Deployment;
  const { serviceAccountName, containers } = spec.template.spec;
  const account = `/api/v1/namespaces/${metadata.namespace}/serviceaccounts/${serviceAccountName}/token`;
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const { token } = (await created(admin.request('POST', account, request))).status;
  const home = await mkdtemp(join(tmpdir(), 'tidegate-controller-'));
  const servers = new Servers();
  const closing = new AsyncDisposableStack();
  closing.defer(() => rm(home, { recursive: true, force: true, maxRetries: 3 }));
  closing.defer(() => servers.stop());
  try {
    const kubeconfig = join(home, 'kubeconfig');
    await writeFile(kubeconfig, kubeconfigOf({ ...cluster, token }), { mode: 0o600 });
    const [container = { args: [], env: [] }] = containers;
    const { flags, env } = setup.here({ kubeconfig, home });
    const variables = container.env.map((variable) => [variable.name, variableOf(variable, metadata)]);
    const all = { ...Object.fromEntries(variables), HOME: home, ...env };
    servers.start(setup.program, [...container.args, ...flags], all);
    const isReady = () => setup.isReady(admin);
    await servers.until(`${setup.deployment} has registered its webhooks`, isReady, PATIENCE_MS);
    const stack = closing.move();
    return { printed: () => servers.printed, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}

/** The name of the Deployment stands for that of the pod. */
function variableOf({ value, valueFrom }: Variable, metadata: Deployment['metadata']): string {
  const field = valueFrom?.fieldRef.fieldPath;
  return value ?? (field === 'metadata.namespace' ? metadata.namespace : metadata.name);
}

async function created(answer: ReturnType<ApiClient['create']>) {
  const { status, body } = await answer;
  if (status !== 201) throw new Error(`An object of a controller was not created: ${JSON.stringify(body)}`);
  return body;
}

interface Role extends ApiObject {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly aggregationRule?: {
    readonly clusterRoleSelectors: readonly { readonly matchLabels: Readonly<Record<string, string>> }[];
  };
  readonly rules?: readonly object[];
}

/** A controller manager writes the rules of the selected roles into such a role; here none runs. */
function withAggregatedRoles(objects: readonly ApiObject[]): readonly ApiObject[] {
  const roles = objects.filter(({ kind }) => kind === 'ClusterRole') as readonly Role[];
  const selected = (labels: Readonly<Record<string, string>>) =>
    roles.filter(({ metadata }) => Object.entries(labels).every(([name, value]) => metadata.labels?.[name] === value));
  return objects.map((object) => {
    const { aggregationRule } = object as Role;
    if (aggregationRule === undefined) return object;
    const selectors = aggregationRule.clusterRoleSelectors;
    return { ...object, rules: selectors.flatMap(({ matchLabels }) => selected(matchLabels)).flatMap(rulesOf) };
  });
}

const rulesOf = ({ rules = [] }: Role) => rules;
