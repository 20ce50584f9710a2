import { request } from 'node:https';

interface ApiAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a server sent
  readonly body: any;
}

export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string } & Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export interface ApiClient {
  /** @param body a text is YAML, anything else is sent as JSON */
  request(method: string, path: string, body?: object | string): Promise<ApiAnswer>;
  /** @param query `?dryRun=All` */
  create(object: ApiObject, query?: string): Promise<ApiAnswer>;
}

interface Connection {
  readonly url: string;
  /** PEM. */
  readonly ca: string;
  /** Without one (an empty text), the user is `system:anonymous`. */
  readonly token: string;
}

/** A client of a Kubernetes API server that trusts one certificate authority and sends one token. */
export function apiClient(connection: Connection): ApiClient {
  return {
    request: (method, path, body) => exchange(connection, method, path, body),
    create: (object, query = '') => exchange(connection, 'POST', `${collectionOf(object)}${query}`, object),
  };
}

/** Kinds that belong to no namespace, of those that tests create. */
const OF_THE_CLUSTER =
  /^(Namespace|Cluster\w+|CustomResourceDefinition|TrustRoot|(Validating|Mutating)WebhookConfiguration)$/;

/** Where an API server has objects of a kind: `/apis/apps/v1/namespaces/default/deployments`. */
export function collectionOf({ apiVersion, kind, metadata }: ApiObject): string {
  const lower = kind.toLowerCase();
  const plural = lower.endsWith('y') ? `${lower.slice(0, -1)}ies` : `${lower}s`;
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  if (OF_THE_CLUSTER.test(kind)) return `${root}/${plural}`;
  return `${root}/namespaces/${metadata?.namespace ?? 'default'}/${plural}`;
}

function exchange(
  { url, ca, token }: Connection,
  method: string,
  path: string,
  body?: object | string,
): Promise<ApiAnswer> {
  const isYaml = typeof body === 'string';
  const text = isYaml ? body : body && JSON.stringify(body);
  const type = isYaml ? 'application/yaml' : 'application/json';
  const headers = {
    accept: 'application/json',
    ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    ...(text === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(text) }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method, headers, ca, timeout: 60_000, agent: false }, async (response) => {
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        const answer = Buffer.concat(chunks).toString();
        const isJson = response.headers['content-type']?.startsWith('application/json');
        resolve({ status: response.statusCode ?? 0, body: isJson ? JSON.parse(answer) : answer });
      } catch (error) {
        reject(error);
      }
    });
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer`)));
    sent.on('error', reject);
    sent.end(text);
  });
}
