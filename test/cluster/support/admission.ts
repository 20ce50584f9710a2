/** What a user of a cluster does, and what the API server answers. */
import { setTimeout as after } from 'node:timers/promises';
import { type ApiClient, parseYaml } from '@tidegate/testkit';

export type Answer = Awaited<ReturnType<ApiClient['create']>>;

/** Empty if the request was admitted without a warning. */
export const messageOf = ({ body }: Answer): string => body.message ?? '';

export const imagesOf = ({ body }: Answer): readonly string[] =>
  (body.spec.template?.spec ?? body.spec).containers.map(({ image }: { image: string }) => image);

/** As `kubectl apply --dry-run=server` of a deployment: decided by all webhooks, and not stored. */
export const deploy = (admin: ApiClient, text: string, namespace: string): Promise<Answer> =>
  admin.request('POST', `${deploymentsOf(namespace)}?dryRun=All&fieldValidation=Strict`, text);

export const deploymentsOf = (namespace: string): string => `/apis/apps/v1/namespaces/${namespace}/deployments`;

/** The same for the pod that such a deployment gets. */
export function startPod(admin: ApiClient, text: string, namespace: string): Promise<Answer> {
  const { metadata, spec } = parseYaml(text).spec.template;
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'app', namespace }, spec };
  return admin.create(object, '?dryRun=All&fieldValidation=Strict');
}

const PATIENCE_MS = 60_000;

/** Changes reach the API server and the controllers a moment after they are stored. */
export async function eventually(ask: () => Promise<Answer>, isSo: (answer: Answer) => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (isSo(answer)) return;
    if (performance.now() > end) throw new Error(`Not within ${PATIENCE_MS} ms. Last: ${JSON.stringify(answer)}`);
    await after(100);
  }
}

export const isStored = ({ status }: Answer): boolean => status === 201;

export const isReady = ({ body }: Answer): boolean =>
  (body.status?.conditions ?? []).some(
    ({ type, status }: { readonly type: string; readonly status: string }) => type === 'Ready' && status === 'True',
  );
