import { type Redactor, registryAdvice, TidegateError } from '@tidegate/core';
import { asFailure } from '../http/connection-failure.ts';
import type { Connections } from '../http/http.ts';
import { parseRetryAfter, RetryableError, type Timing } from '../http/retry.ts';
import { registryText } from '../registry/error.ts';
import { readAll } from '../verified.ts';
import type { Credential } from './credentials.ts';

/** From the request to the last byte of the response. Milliseconds. */
const TOKEN_TIMEOUT = 60_000;
const RESPONSE_LIMIT = 1024 * 1024;
const ERROR_TEXT_LIMIT = 64 * 1024;
/** Lifetime of a token if its service does not state one (token.md). Seconds. */
const DEFAULT_LIFETIME = 60;

export interface TokenRequest {
  readonly registry: string;
  /** Validated by `checkRealm`. */
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scopes: readonly string[];
  readonly credential: Credential | undefined;
  readonly agent: string;
  readonly secrets: Redactor;
  readonly timing: Timing;
}

export interface Grant {
  readonly token: string;
  readonly seconds: number;
}

/**
 * distribution's token.md (GET with Basic) and oauth.md (POST with a refresh token).
 * @throws TidegateError `unauthorized`; RetryableError if a retry may succeed
 */
export async function requestToken(connections: Connections, request: TokenRequest): Promise<Grant> {
  const { realm, registry } = request;
  const timeout = AbortSignal.timeout(TOKEN_TIMEOUT);
  try {
    const response = await connections.send({ ...requestOptions(request), signal: timeout });
    const status = response.statusCode ?? 0;
    if (status !== 200) {
      const text = await readAll(response, ERROR_TEXT_LIMIT, realm.host).then(String, () => '');
      const wait = parseRetryAfter(response.headers['retry-after'], request.timing.now());
      throw rejection(request, status, registryText(request.secrets.redact(text)), wait);
    }
    return parseGrant(await readAll(response, RESPONSE_LIMIT, `token service ${realm.host}`), realm);
  } catch (error) {
    if (!timeout.aborted) {
      // An interrupted body is reported like a failed connection.
      throw error instanceof RetryableError ? error : asFailure(error, undefined);
    }
    const why = `The token service ${realm.host} of ${registry} sent no complete response within ${TOKEN_TIMEOUT / 1000} seconds.`;
    throw new RetryableError(new TidegateError('registry-unreachable', why, { next: 'Try again later.' }));
  }
}

function requestOptions({ realm, service, scopes, credential, agent }: TokenRequest) {
  const headers: Record<string, string> = { 'user-agent': agent, accept: 'application/json' };
  const form = new URLSearchParams();
  if (service !== undefined) form.set('service', service);
  if (credential?.kind === 'identity-token') {
    form.set('grant_type', 'refresh_token');
    form.set('client_id', 'tidegate');
    form.set('refresh_token', credential.token);
    form.set('scope', scopes.join(' '));
    headers['content-type'] = 'application/x-www-form-urlencoded';
    return { method: 'POST', url: realm, headers, body: Buffer.from(form.toString()) } as const;
  }
  for (const scope of scopes) form.append('scope', scope);
  const url = new URL(realm);
  for (const [name, value] of form) url.searchParams.append(name, value);
  if (credential) headers.authorization = basicHeader(credential);
  return { method: 'GET', url, headers } as const;
}

/** @throws TidegateError `unauthorized` for credentials that HTTP Basic cannot carry */
export function basicHeader(credential: Credential): string {
  if (credential.kind !== 'password') {
    throw new TidegateError(
      'credentials-unusable',
      'The registry requires a user name and a password, but only a token is available.',
      { next: 'Log in with user name and password.' },
    );
  }
  // RFC 7617: the first colon ends the name. With one in the name, half of it would be sent as the password.
  if (credential.username.includes(':')) {
    throw new TidegateError('credentials-unusable', 'The user name for the registry contains a colon.', {
      next: 'Set the user name without the password.',
    });
  }
  return `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString('base64')}`;
}

/** A line break in a token would inject headers. */
export function bearerHeader(token: string, from: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return `Bearer ${token}`;
  throw new TidegateError('credentials-unusable', `The token from ${from} contains invalid characters.`, {
    next: 'Check the source of the token.',
  });
}

function parseGrant(bytes: Buffer, realm: URL): Grant {
  let response: unknown;
  try {
    response = JSON.parse(bytes.toString('utf8'));
  } catch {
    response = undefined; // The parser error may quote a token.
  }
  const fields = (typeof response === 'object' && response !== null ? response : {}) as Record<string, unknown>;
  const token = [fields.token, fields.access_token].find((one) => typeof one === 'string' && one !== '');
  if (typeof token !== 'string') {
    throw new TidegateError('token-service-failed', `The token service ${realm.host} returned no token.`, {
      next: 'Check the name of the registry, and whether its token service is available.',
    });
  }
  const expires = fields.expires_in;
  return { token, seconds: typeof expires === 'number' && expires > 0 ? expires : DEFAULT_LIFETIME };
}

/** @param wait Retry-After in milliseconds */
function rejection(
  { registry, realm, credential, scopes }: TokenRequest,
  status: number,
  message: string,
  wait: number | undefined,
): Error {
  const where = `The token service ${realm.host} of ${registry}`;
  const shown = `${status}${message === '' ? '' : ` (${message})`}`;
  const advice = registryAdvice({ registry, ...repositoryOf(scopes), status, text: message });
  if (status === 429 || status === 408 || status >= 500) {
    const failure = new TidegateError('registry-failed', `${where} responded with ${shown}.`, { next: advice });
    return new RetryableError(failure, wait);
  }
  if (status >= 300 && status < 400) {
    const why = `${where} responded with ${status}: redirects are not followed with credentials.`;
    return new TidegateError('token-service-failed', why, { next: 'Check the name of the registry.' });
  }
  const rejected = credential ? 'the credentials' : 'a request without credentials';
  return new TidegateError('registry-denied', `${where} rejected ${rejected}: it responded with ${shown}.`, {
    next: advice,
  });
}

/** The repository of the first scope, `repository:acme/app:pull,push`. */
function repositoryOf(scopes: readonly string[]): { repository: string | undefined; operation: 'pull' | 'push' } {
  const [, repository] = scopes[0]?.split(':') ?? [];
  const pushes = scopes.some((scope) => scope.split(':').at(-1)?.split(',').includes('push'));
  return { repository, operation: pushes ? 'push' : 'pull' };
}
