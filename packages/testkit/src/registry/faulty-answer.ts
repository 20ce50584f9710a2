import type { ServerResponse } from 'node:http';

type Headers = Readonly<Record<string, string | undefined>>;

/** Cuts the connection of a response after `after` bytes of its body. */
export function cutAnswer(response: ServerResponse, after: number): void {
  passOnly(response, after, () => {
    // Earlier bytes must leave first, otherwise the client would not receive them.
    setImmediate(() => response.destroy());
  });
}

/** Behaves like a connection whose other end has silently disappeared. */
export function stallAnswer(response: ServerResponse, after: number): void {
  passOnly(response, after, () => undefined);
}

/** The response neither begins nor ends. */
export function withholdAnswer(response: ServerResponse): void {
  response.writeHead = (() => response) as typeof response.writeHead;
  response.write = (() => true) as typeof response.write;
  response.end = (() => response) as typeof response.end;
}

/** Closes the connection instead of sending the response. */
export function loseAnswer(response: ServerResponse): void {
  response.writeHead = (() => {
    response.destroy();
    return response;
  }) as typeof response.writeHead;
}

export function changeHeaders(response: ServerResponse, headers: Headers): void {
  onHead(response, () => headers);
}

export function slowAnswer(response: ServerResponse, pieces: number, pause: number): void {
  wholeBody(response, (body, write, end) => {
    const size = Math.max(1, Math.ceil(body.length / pieces));
    const next = (at: number): void => {
      if (response.destroyed) return;
      write(body.subarray(at, at + size));
      if (at + size >= body.length) end();
      else setTimeout(next, pause, at + size);
    };
    setTimeout(next, pause, 0);
  });
}

export function flipBit(response: ServerResponse, at: number): void {
  wholeBody(response, (body, write, end) => {
    const flipped = Buffer.from(body);
    const index = Math.min(at, body.length - 1);
    if (index >= 0) flipped[index] = (flipped[index] ?? 0) ^ 1;
    write(flipped);
    end();
  });
}

export function shortenAnswer(response: ServerResponse, by: number): void {
  onHead(response, (own) => ({ 'content-length': String(Math.max(0, Number(own['content-length'] ?? 0) - by)) }));
  wholeBody(response, (body, write, end) => {
    write(body.subarray(0, Math.max(0, body.length - by)));
    end();
  });
}

function onHead(response: ServerResponse, change: (own: Record<string, string>) => Headers): void {
  const writeHead = response.writeHead.bind(response);
  response.writeHead = ((status: number, own: Record<string, string> = {}) => {
    const changed: Record<string, string> = Object.fromEntries(
      Object.entries(own).map(([name, value]) => [name.toLowerCase(), value]),
    );
    for (const [name, value] of Object.entries(change(changed))) {
      if (value === undefined) delete changed[name.toLowerCase()];
      else changed[name.toLowerCase()] = value;
    }
    return writeHead(status, changed);
  }) as typeof response.writeHead;
}

/** Sends `limit` bytes of the body, then calls `then` and drops the rest. */
function passOnly(response: ServerResponse, limit: number, then: () => void): void {
  const write = response.write.bind(response);
  let left = limit;
  let over = false;
  const stop = (): boolean => {
    if (!over) then();
    over = true;
    return false;
  };
  const pass = (chunk: Uint8Array): boolean => {
    if (left <= 0) return stop();
    const part = Buffer.from(chunk).subarray(0, left);
    left -= chunk.length;
    const more = write(part);
    return left <= 0 ? stop() : more;
  };
  response.write = pass as typeof response.write;
  response.end = ((chunk?: Uint8Array) => {
    if (chunk) pass(chunk);
    response.flushHeaders();
    stop();
    return response;
  }) as typeof response.end;
}

/** Collects the body, and passes it to `send` at its end. */
function wholeBody(
  response: ServerResponse,
  send: (body: Buffer, write: (part: Buffer) => void, end: () => void) => void,
): void {
  const [write, end] = [response.write.bind(response), response.end.bind(response)];
  const chunks: Buffer[] = [];
  response.write = ((chunk: Uint8Array) => {
    chunks.push(Buffer.from(chunk));
    return true;
  }) as typeof response.write;
  response.end = ((chunk?: Uint8Array) => {
    if (chunk) chunks.push(Buffer.from(chunk));
    response.write = write;
    response.end = end;
    send(
      Buffer.concat(chunks),
      (part) => part.length > 0 && write(part),
      () => end(),
    );
    return response;
  }) as typeof response.end;
}
