import { clipped, type Fetch, isRecord, messageOf, TidegateError, withoutEnd } from '@tidegate/core';

/** One Sigstore service at one URL. */
export interface Service {
  readonly url: string;
  readonly majorApiVersion: number;
  /** The operator: two services of one operator are not independent. */
  readonly operator: string;
}

/**
 * Behavior while a service does not respond. `wait` retries for `milliseconds`; `fallback` uses the next service in the
 * signing config; `fail` gives up.
 */
export type OutagePolicy =
  | { readonly kind: 'wait'; readonly milliseconds: number }
  | { readonly kind: 'fallback' | 'fail' };

/** Dependencies of requests. */
export interface RequestContext {
  /** Uses the machine's proxies and certificates. */
  readonly fetch: Fetch;
  readonly outage: OutagePolicy;
  readonly signal: AbortSignal;
  readonly clock: () => Date;
  /** Receives which service does not respond, and what is done about it. */
  readonly notice: (message: string) => void;
  /** Resolves after this number of milliseconds, or rejects when the signal is aborted. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
}

/** Dependencies of one request. */
export type Connection = Pick<RequestContext, 'fetch' | 'signal'>;

/** No response, or a temporary failure: the only failure that a retry can fix. */
export class Outage extends Error {}

/** The data to be witnessed is about to expire: sign again instead of waiting. */
export class Stale extends Error {}

/** Timeout for one response, in milliseconds. A log that batches its entries needs a few seconds. */
const ANSWER_MS = 20_000;
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
/** In milliseconds. A single dropped connection does not count as an outage. */
const QUICK_RETRIES_MS = [200, 1000];
const LONGEST_PAUSE_MS = 15_000;

/**
 * Send a request to one of `services`, in order, according to the outage policy.
 * @param goodUntil time after which a response is useless
 * @throws Stale when that time comes first; TidegateError `network` that lists every service tried and the reason
 */
export async function requestFromAny<T>(
  what: string,
  services: readonly Service[],
  ask: (service: Service) => Promise<T>,
  asking: RequestContext,
  goodUntil?: Date,
): Promise<T> {
  const failures: string[] = [];
  for (const service of asking.outage.kind === 'fallback' ? services : services.slice(0, 1)) {
    try {
      return await askOne(what, service, ask, asking, goodUntil);
    } catch (error) {
      if (!(error instanceof Outage)) throw error;
      failures.push(`${service.url}: ${error.message}`);
      if (asking.outage.kind === 'fallback' && failures.length < services.length) {
        asking.notice(`${what} at ${service.url} does not respond (${error.message}). Falling back to the next one.`);
      }
    }
  }
  throw new TidegateError('signing-service-unreachable', `${what} did not respond. ${failures.join('; ')}.`, {
    next: NEXT[asking.outage.kind],
  });
}

const NEXT: Readonly<Record<OutagePolicy['kind'], string>> = {
  wait: 'Run again when the service is back, or set on-outage to fallback and add a second service to signing-config.',
  fallback: 'Run again when a service is back, or add another one to signing-config.',
  fail: 'Run again when the service is back, or set on-outage to wait or fallback.',
};

async function askOne<T>(
  what: string,
  service: Service,
  ask: (service: Service) => Promise<T>,
  asking: RequestContext,
  goodUntil: Date | undefined,
): Promise<T> {
  const { outage, signal, clock, pause, notice } = asking;
  const started = clock().getTime();
  const patience = outage.kind === 'wait' ? outage.milliseconds : 0;
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    if (goodUntil && clock() >= goodUntil) throw new Stale(`${what} did not respond in time.`);
    try {
      return await ask(service);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!(error instanceof Outage)) throw error;
      const quick = QUICK_RETRIES_MS[attempt];
      if (quick !== undefined) {
        await pause(quick, signal);
        continue;
      }
      if (clock().getTime() - started >= patience) throw error;
      if (attempt === QUICK_RETRIES_MS.length) {
        notice(
          `${what} at ${service.url} does not respond (${error.message}). Retrying for up to ${Math.round(patience / 1000)} s.`,
        );
      }
      await pause(Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** (attempt - 1)), signal);
    }
  }
}

export interface Posted {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

/**
 * Send one request without following redirects: a token or a signature is sent only to the configured service.
 * @throws Outage for no response, 429 and 5xx. The caller handles other statuses.
 */
export async function post(
  url: string,
  body: Uint8Array | object,
  { accept, contentType = 'application/json' }: { readonly accept: string; readonly contentType?: string },
  { fetch, signal }: Connection,
): Promise<Posted> {
  const content = body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body);
  return request(
    url,
    { method: 'POST', body: content, headers: { accept, 'content-type': contentType } },
    { fetch, signal },
  );
}

export async function request(url: string, init: RequestInit, { fetch, signal }: Connection): Promise<Posted> {
  let answer: Posted;
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    answer = { status: response.status, headers: response.headers, bytes: await limited(response) };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof TidegateError) throw error;
    throw new Outage(causeOf(error));
  }
  if (answer.status === 429 || answer.status >= 500) throw new Outage(`status ${answer.status}${said(answer)}`);
  return answer;
}

/** fetch reports only "fetch failed"; the reason is in the cause. */
function causeOf(error: unknown): string {
  const { name, cause } = error as { readonly name?: string | undefined; readonly cause?: NodeJS.ErrnoException };
  if (name === 'TimeoutError') return `no response within ${ANSWER_MS / 1000} s`;
  return cause?.message || cause?.code || messageOf(error);
}

async function limited(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > MAX_ANSWER_BYTES)
      throw new TidegateError(
        'signing-service-unreachable',
        `${new URL(response.url).origin} sent more than ${MAX_ANSWER_BYTES} bytes.`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The error message of a service, truncated: it is untrusted text. */
function said({ bytes }: Pick<Posted, 'bytes'>): string {
  let text = bytes.toString('utf8');
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === 'string') text = message;
  } catch {
    // Not JSON: use the text as it is.
  }
  text = clipped(text.trim(), 200);
  return text ? `: ${text}` : '';
}

/** The error for a service that rejected a request: a retry would not help. */
export function refused(what: string, service: Service, answer: Posted, next: string): TidegateError {
  return new TidegateError(
    'signing-service-rejected',
    `${what} at ${service.url} rejected the request with status ${answer.status}${said(answer)}.`,
    { next },
  );
}

/** @throws TidegateError `network` for a response that is not a JSON object */
export function jsonOf(what: string, service: Service, { bytes }: Posted): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (isRecord(value)) return value as Record<string, unknown>;
  } catch {
    // Reported below.
  }
  throw unexpected(what, service);
}

export function unexpected(what: string, service: Service): TidegateError {
  return new TidegateError(
    'signing-service-unreachable',
    `${what} at ${service.url} sent a response in an unexpected format.`,
    {
      next: 'Check the URL in signing-config: it may belong to another service.',
    },
  );
}

export const under = (service: Service, path: string): string => `${withoutEnd(service.url, '/')}${path}`;
