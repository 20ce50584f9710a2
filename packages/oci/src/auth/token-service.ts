import { type Redactor, TidegateError } from '@tidegate/core';
import { asFailure } from '../http/connection-failure.ts';
import type { Connections } from '../http/http.ts';
import { header } from '../http/responses.ts';
import { parseRetryAfter, RetryableError, type Timing } from '../http/retry.ts';
import { loginAdvice, registryText } from '../registry/error.ts';
import { readAll } from '../verified.ts';
import type { Credential } from './credentials.ts';

/** From question to the last byte of the answer. Milliseconds. */
const TOKEN_TIMEOUT = 60_000;
const ANSWER_LIMIT = 1024 * 1024;
const ERROR_TEXT_LIMIT = 64 * 1024;
/** What a token lives when its service does not say (token.md). Seconds. */
const LIFETIME = 60;

export interface TokenRequest {
  readonly registry: string;
  /** Checked. */
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
 * @throws TidegateError `unauthorized`; RetryableError where another try may go well
 */
export async function requestToken(connections: Connections, request: TokenRequest): Promise<Grant> {
  const { realm, registry } = request;
  const timeout = AbortSignal.timeout(TOKEN_TIMEOUT);
  try {
    const answer = await connections.send({ ...asked(request), signal: timeout });
    const status = answer.statusCode ?? 0;
    if (status !== 200) {
      const text = await readAll(answer, ERROR_TEXT_LIMIT, realm.host).then(String, () => '');
      const wait = parseRetryAfter(header(answer, 'retry-after'), request.timing.now());
      throw refused(request, status, registryText(request.secrets.redact(text)), wait);
    }
    return parseGrant(await readAll(answer, ANSWER_LIMIT, `token service ${realm.host}`), realm);
  } catch (error) {
    if (!timeout.aborted) {
      // A body that broke off is a connection that failed, in the words of one that never stood.
      throw error instanceof RetryableError ? error : asFailure(error, undefined);
    }
    const why = `The token service ${realm.host} of ${registry} gave no whole answer within ${TOKEN_TIMEOUT / 1000} seconds.`;
    throw new RetryableError(new TidegateError('network', why, { next: 'Try again later.' }));
  }
}

function asked({ realm, service, scopes, credential, agent }: TokenRequest) {
  const headers: Record<string, string> = { 'user-agent': agent, accept: 'application/json' };
  const form = new URLSearchParams();
  if (service !== undefined) form.set('service', service);
  if (credential?.kind === 'identity-token') {
    form.set('grant_type', 'refresh_token');
    form.set('client_id', 'tidegate');
    form.set('refresh_token', credential.token);
    form.set('scope', scopes.join(' '));
    headers['content-type'] = 'application/x-www-form-urlencoded';
    return { method: 'POST', url: realm, headers, body: Buffer.from(form.toString()) };
  }
  for (const scope of scopes) form.append('scope', scope);
  const url = new URL(realm);
  for (const [name, value] of form) url.searchParams.append(name, value);
  if (credential) headers.authorization = basicHeader(credential);
  return { method: 'GET', url, headers };
}

/** @throws TidegateError `unauthorized` for credentials that HTTP Basic cannot carry */
export function basicHeader(credential: Credential): string {
  if (credential.kind !== 'password') {
    throw new TidegateError(
      'unauthorized',
      'The registry wants a user name and a password, and there is only a token.',
      { next: 'Log in with user name and password.' },
    );
  }
  // RFC 7617: the first colon ends the name. With one in the name, half of it would be sent as the password.
  if (credential.username.includes(':')) {
    throw new TidegateError('unauthorized', 'The user name for the registry has a colon in it.', {
      next: 'Give the name alone, and the password apart.',
    });
  }
  return `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString('base64')}`;
}

/** A line break in a token would write headers of its own. */
export function bearerHeader(token: string, from: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return `Bearer ${token}`;
  throw new TidegateError('unauthorized', `The token from ${from} has characters that no token has.`, {
    next: 'Check where it comes from.',
  });
}

function parseGrant(bytes: Buffer, realm: URL): Grant {
  let answer: unknown;
  try {
    answer = JSON.parse(bytes.toString('utf8'));
  } catch {
    answer = undefined; // The parser's complaint would quote what may be a token.
  }
  const fields = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>;
  const token = [fields.token, fields.access_token].find((one) => typeof one === 'string' && one !== '');
  if (typeof token !== 'string') {
    throw new TidegateError('unauthorized', `The token service ${realm.host} gave no token.`, {
      next: 'Check the name of the registry, and whether its service is up.',
    });
  }
  const expires = fields.expires_in;
  return { token, seconds: typeof expires === 'number' && expires > 0 ? expires : LIFETIME };
}

/** @param wait milliseconds that the service asked for */
function refused(
  { registry, realm, credential }: TokenRequest,
  status: number,
  said: string,
  wait: number | undefined,
): Error {
  const where = `The token service ${realm.host} of ${registry}`;
  const shown = `${status}${said === '' ? '' : ` (${said})`}`;
  if (status === 429 || status === 408 || status >= 500) {
    const failure = new TidegateError('registry', `${where} answered ${shown}.`, { next: 'Try again later.' });
    return new RetryableError(failure, wait);
  }
  if (status >= 300 && status < 400) {
    const why = `${where} answered ${status}: redirects are not followed with credentials.`;
    return new TidegateError('unauthorized', why, { next: 'Check the name of the registry.' });
  }
  const who = credential ? 'these credentials' : 'us without credentials';
  return new TidegateError('unauthorized', `${where} refused ${who}: it answered ${shown}.`, {
    next: credential
      ? loginAdvice(registry)
      : `Log in to ${registry}. To many registries a private image and none at all are the same.`,
  });
}
