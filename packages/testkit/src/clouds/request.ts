/** A request to a stand-in of a cloud's service, and its response. */
export interface CloudRequest {
  readonly method: string;
  /** As the client named it: the stand-ins are reached through a proxy, under their real names. */
  readonly host: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

export interface CloudAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** @returns undefined for a host or path that the service does not have */
export type CloudService = (request: CloudRequest) => Promise<CloudAnswer | undefined>;

export function json(status: number, value: unknown): CloudAnswer {
  return { status, body: JSON.stringify(value), headers: { 'content-type': 'application/json' } };
}

/** The fields of a form. A service that wants one rejects any other content type. */
export function formOf(request: CloudRequest): URLSearchParams | undefined {
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  return request.method === 'POST' && isForm ? new URLSearchParams(request.body) : undefined;
}

export function jsonOf(request: CloudRequest): Readonly<Record<string, unknown>> | undefined {
  if (request.method !== 'POST' || !request.headers['content-type']?.startsWith('application/')) return undefined;
  try {
    return Object(JSON.parse(request.body)) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
