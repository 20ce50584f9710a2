import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { devTools, GO_PROGRAMS } from '../programs/dev-tools.ts';
import { goModuleFolder } from '../programs/go-build.ts';
import { freePorts } from '../programs/servers.ts';
import type { Say } from '../waiting.ts';
import type { ApiClient, ApiObject } from './client.ts';
import type { Cluster } from './cluster.ts';
import { type Controller, startController } from './controller.ts';

/**
 * The program always uses this port and 8080, on all addresses: `cmd/webhook/main.go` copies its options before it reads
 * the flag for another port.
 */
const PORT = 8443;

/**
 * sigstore's policy-controller in a cluster, with all webhooks registered. The first call on a machine builds it, which
 * takes minutes.
 */
export async function startPolicyController(
  cluster: Cluster,
  { log = () => {} }: { readonly log?: Say } = {},
): Promise<Controller> {
  const program = (await devTools(['policy-webhook'], { log }))['policy-webhook'];
  const [metrics = 0, profiling = 0] = await freePorts(2);
  return startController(cluster, {
    program,
    objects: await releasedObjects(),
    deployment: 'webhook',
    here: ({ kubeconfig }) => ({
      // Without TUF, it has no keys but those of TrustRoots, and needs no public server.
      flags: ['-disable-tuf'],
      env: {
        KUBECONFIG: kubeconfig,
        ...{ METRICS_PROMETHEUS_HOST: '127.0.0.1', METRICS_PROMETHEUS_PORT: `${metrics}` },
        PROFILING_PORT: `${profiling}`,
      },
    }),
    isReady: isRegistered,
  });
}

/**
 * The objects of its kustomization. Only the way to the webhook is ours: the API server sends requests for a service of
 * type ExternalName to that host, and to the port of the request, because nothing forwards ports.
 */
async function releasedObjects(): Promise<readonly ApiObject[]> {
  const module = 'github.com/sigstore/policy-controller';
  const folder = join(await goModuleFolder(GO_PROGRAMS['policy-webhook'].module, module), 'config');
  const read = (file: string) => readFile(join(folder, file), 'utf8');
  const { resources } = parse(await read('kustomization.yaml')) as { readonly resources: readonly string[] };
  const texts = await Promise.all([...resources, 'webhook.yaml'].map(read));
  return texts
    .flatMap((text) => parseAllDocuments(text).map((document) => document.toJS({ reviver: atPort })))
    .filter((object) => object !== null)
    .map((object) =>
      object.kind === 'Service' ? { ...object, spec: { type: 'ExternalName', externalName: 'localhost' } } : object,
    );
}

const atPort = (key: unknown, value: unknown): unknown =>
  key === 'clientConfig' ? { service: { ...(value as { service: object }).service, port: PORT } } : value;

/** Its reconcilers write their certificate into each webhook. The one that converts policies is in their definition. */
async function isRegistered(admin: ApiClient): Promise<boolean> {
  const read = async (path: string) => (await admin.request('GET', path)).body;
  const kinds = ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'];
  const lists = await Promise.all(kinds.map((kind) => read(`/apis/admissionregistration.k8s.io/v1/${kind}`)));
  const definition = await read(
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/clusterimagepolicies.policy.sigstore.dev',
  );
  const webhooks = lists.flatMap(({ items }) => items).flatMap((item) => item.webhooks);
  return [...webhooks, definition.spec.conversion.webhook].every(({ clientConfig }) => clientConfig.caBundle);
}
