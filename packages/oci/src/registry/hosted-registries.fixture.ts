/** For tests: a registry on loopback that answers as a large one does where it differs from the specification. */
import { type Fault, type RecordedRequest, type RegistryServer, startRegistry } from '@tidegate/testkit';
import type { Credential } from '../auth/credentials.ts';
import { virtualTiming } from '../fixture.ts';
import { Registry } from './registry.ts';

export const open: { close(): unknown }[] = [];

/** For afterEach: what the last test started. */
export async function closeAll(): Promise<void> {
  for (const each of open.splice(0).reverse()) await each.close();
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The answer to a request, or undefined where the registry does as specified. */
export type Quirk = (request: RecordedRequest, url: URL) => Answer | undefined;

export const errors = (code: string, message: string, detail?: unknown) =>
  JSON.stringify({ errors: [{ code, message, detail }] });
export const json = { 'content-type': 'application/json' };

export async function start(
  quirk: Quirk,
  options: {
    credentials?: () => Credential | undefined;
    server?: Parameters<typeof startRegistry>[0];
    repository?: string;
  } = {},
) {
  const timing = virtualTiming();
  const server: RegistryServer = await startRegistry({
    now: timing.now,
    ...options.server,
    onRequest: (request): Fault | undefined => {
      const answer = quirk(request, new URL(request.url, server.url));
      return answer && { kind: 'answer', ...answer };
    },
  });
  const registry = new Registry(
    { registry: server.host, repository: options.repository ?? 'acme/app' },
    { credentials: async () => options.credentials?.(), timing },
  );
  open.push(server, registry);
  return { server, registry, timing };
}

/** Another host, which gives every request that answer. */
export async function elsewhere(answer: (request: RecordedRequest) => Answer) {
  const server = await startRegistry({ onRequest: (request) => ({ kind: 'answer', ...answer(request) }) });
  open.push(server);
  return server;
}

export const failureOf = (work: Promise<unknown>): Promise<{ kind: string; message: string; next: string }> =>
  work.then(
    () => Promise.reject(new Error('it went well')),
    (error: unknown) => error as { kind: string; message: string; next: string },
  );

export const bearer = (server: { url: string }, more = '') => ({
  'www-authenticate': `Bearer realm="${server.url}/token",service="testkit"${more}`,
});
export const password = (username: string, secret: string): Credential => ({
  kind: 'password',
  username,
  password: secret,
});
export const basicOf = (username: string, secret: string) =>
  `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`;
export const bundle = 'application/vnd.dev.sigstore.bundle.v0.3+json';
