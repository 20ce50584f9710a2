import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

/** One request as the registry saw it. `status` is undefined when no answer was given. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** The client's port: the same for requests over the same connection. */
  readonly connection: number | undefined;
  /** Bytes of the body that arrived. */
  received: number;
  status: number | undefined;
}

/** What goes wrong with a request. Everything not named here goes its way. */
export type Fault =
  /** Another answer; nothing is done. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array;
    }
  /** The connection is cut before anything is done. */
  | { readonly kind: 'reset' }
  /** The connection is cut after that many bytes of the request's body have been taken. */
  | { readonly kind: 'cut-request'; readonly after: number }
  /** The connection is cut after that many bytes of the answer's body. */
  | { readonly kind: 'cut-answer'; readonly after: number }
  /** All is done, and the answer is lost. */
  | { readonly kind: 'lose-answer' }
  /** Answer headers that are other than they would be; undefined takes one away. */
  | { readonly kind: 'headers'; readonly headers: Readonly<Record<string, string | undefined>> };

/** Called before each request is dealt with (the token service's too). */
export type OnRequest = (request: RecordedRequest, count: number) => Fault | undefined | Promise<Fault | undefined>;

/** Cuts the connection under an answer once `after` bytes of its body are through. */
export function cutAnswer(response: ServerResponse, after: number): void {
  const write = response.write.bind(response);
  let left = after;
  const cut = (): boolean => {
    // What was written before must leave first, or the client would not see its bytes.
    setImmediate(() => response.destroy());
    return false;
  };
  response.write = ((chunk: Uint8Array) => {
    if (left <= 0) return cut();
    const part = Buffer.from(chunk).subarray(0, left);
    left -= chunk.length;
    const more = write(part);
    return left <= 0 ? cut() : more;
  }) as typeof response.write;
  response.end = (() => {
    cut();
    return response;
  }) as typeof response.end;
}

export function changeHeaders(response: ServerResponse, headers: Readonly<Record<string, string | undefined>>): void {
  const writeHead = response.writeHead.bind(response);
  response.writeHead = ((status: number, own: Record<string, string> = {}) => {
    const changed: Record<string, string> = Object.fromEntries(
      Object.entries(own).map(([name, value]) => [name.toLowerCase(), value]),
    );
    for (const [name, value] of Object.entries(headers)) {
      if (value === undefined) delete changed[name.toLowerCase()];
      else changed[name.toLowerCase()] = value;
    }
    return writeHead(status, changed);
  }) as typeof response.writeHead;
}
