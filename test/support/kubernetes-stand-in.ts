import { type ApiReply, type Kubernetes, NAMESPACES } from './kubernetes-api.ts';

const KIND = { group: 'apps', kind: 'deployments' };
const VERBS: Readonly<Record<string, string>> = { GET: 'get', POST: 'create', DELETE: 'delete' };

/**
 * The part of a Kubernetes API server that buildx's kubernetes driver asks for: deployments, of which no pod ever becomes
 * ready. `kubernetesTests` has its answers, and `test/cluster/builder-pods.e2e.ts` compares them with the original's.
 */
export function kubernetesStandIn(): Kubernetes {
  const deployments = new Set<string>();
  return async ({ method, path, headers, body }) => {
    const [, namespace = '', name] =
      /^\/apis\/apps\/v1\/namespaces\/([^/?]+)\/deployments(?:\/([^/?]+))?(?:\?.*)?$/.exec(path) ?? [];
    const user = userOf(headers.authorization);
    if (user === undefined) return failure(401, 'Unauthorized', 'Unauthorized');
    if (namespace === '') return failure(404, 'NotFound', 'the server could not find the requested resource', {});
    // More than the original refuses: only these have its answers.
    if (VERBS[method] === undefined) return failure(405, 'MethodNotAllowed', `${method} is not part of this server`);
    const called = name === undefined ? 'deployments.apps' : `deployments.apps "${name}"`;
    const details = { ...(name === undefined ? {} : { name }), ...KIND };
    if (user !== 'admin') {
      const verb = method === 'GET' && name === undefined ? 'list' : VERBS[method];
      const may = `User "${user}" cannot ${verb} resource "deployments" in API group "apps"`;
      return failure(403, 'Forbidden', `${called} is forbidden: ${may} in the namespace "${namespace}"`, details);
    }
    if (name === undefined)
      return method === 'GET' ? listed(deployments, namespace) : created(deployments, namespace, body);
    const key = `${namespace}/${name}`;
    if (!deployments.has(key)) return failure(404, 'NotFound', `${called} not found`, details);
    if (method !== 'DELETE') return answered(200, deployment(namespace, name));
    deployments.delete(key);
    return answered(200, { ...STATUS, status: 'Success', details: { ...details, uid: UID } });
  };
}

/** A request without a token is that of a user without a role, one with an unknown token of nobody. */
function userOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return 'system:anonymous';
  return /^Bearer (admin|nobody)$/.exec(authorization)?.[1];
}

const STATUS = { kind: 'Status', apiVersion: 'v1', metadata: {} };
const UID = '00000000-0000-4000-8000-000000000000';

function listed(deployments: Set<string>, namespace: string): ApiReply {
  const names = [...deployments].filter((key) => key.startsWith(`${namespace}/`)).map((key) => key.split('/')[1] ?? '');
  const items = names.sort().map((name) => deployment(namespace, name));
  return answered(200, { kind: 'DeploymentList', apiVersion: 'apps/v1', metadata: {}, items });
}

/** Of protobuf, which buildx sends, only the name is read; of JSON, the selector as well. */
function created(deployments: Set<string>, namespace: string, body: Buffer): ApiReply {
  if (!(NAMESPACES as readonly string[]).includes(namespace))
    return failure(404, 'NotFound', `namespaces "${namespace}" not found`, { name: namespace, kind: 'namespaces' });
  const [name] = /tidegate-[0-9a-f]+-\d+/.exec(body.toString('latin1')) ?? [];
  if (name === undefined) {
    const why = 'metadata.name: Required value: name or generateName is required';
    return failure(422, 'Invalid', `Deployment.apps "" is invalid: ${why}`, { group: 'apps', kind: 'Deployment' });
  }
  if (body.at(0) === 0x7b && !isSelected(JSON.parse(body.toString()))) {
    const why = 'spec.template.metadata.labels: Invalid value: `selector` does not match template `labels`';
    return failure(422, 'Invalid', `Deployment.apps "${name}" is invalid: ${why}`, {
      ...{ name, group: 'apps', kind: 'Deployment' },
    });
  }
  const key = `${namespace}/${name}`;
  if (deployments.has(key))
    return failure(409, 'AlreadyExists', `deployments.apps "${name}" already exists`, { name, ...KIND });
  deployments.add(key);
  return answered(201, deployment(namespace, name));
}

interface DeploymentBody {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly template: { readonly metadata: { readonly labels: Readonly<Record<string, string>> } };
  };
}

const isSelected = ({ spec: { selector, template } }: DeploymentBody): boolean =>
  Object.entries(selector.matchLabels).every(([label, value]) => template.metadata.labels[label] === value);

const deployment = (namespace: string, name: string) => ({
  ...{ kind: 'Deployment', apiVersion: 'apps/v1', metadata: { name, namespace, uid: UID }, status: {} },
});

const answered = (status: number, value: object): ApiReply => ({
  ...{ status, type: 'application/json', body: JSON.stringify(value) },
});

const failure = (code: number, reason: string, message: string, details?: object): ApiReply =>
  answered(code, { ...STATUS, status: 'Failure', message, reason, ...(details ? { details } : {}), code });
