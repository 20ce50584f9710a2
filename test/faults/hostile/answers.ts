import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { digestOf, MediaType } from '@tidegate/core';
import { contentOfBytes, copy, ImageLayout, Registry, type Timing } from '@tidegate/oci';
import { serveLoopback } from '@tidegate/testkit';
import type { HostileCase } from './case.ts';
import { described, LAYER } from './image.ts';

/** An answer to every request that it is for. `body` without end where it is a generator that has none. */
interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array | (() => Iterable<Uint8Array>);
}

type Work = (registry: Registry, folder: string) => Promise<unknown>;

const HEX = 'a'.repeat(64);
const MANIFEST = described(MediaType.manifest, {
  schemaVersion: 2,
  mediaType: MediaType.manifest,
  config: described(MediaType.config, '{}').descriptor,
  layers: [],
});
const BLOB = described(LAYER, 'a layer of some bytes');
const subject = digestOf('subject');

function* endless(): Iterable<Uint8Array> {
  for (;;) yield Buffer.alloc(64 * 1024, 0x20);
}

const resolve: Work = (registry) => registry.resolve('v1');
const resolveDigest: Work = (registry) => registry.resolve(MANIFEST.descriptor.digest);
const fetchManifest: Work = (registry) => registry.fetchBytes(MANIFEST.descriptor);
const fetchBlob: Work = (registry) => registry.fetchBytes(BLOB.descriptor);
const pull: Work = async (registry, folder) =>
  copy(registry, await ImageLayout.create(join(folder, 'pulled')), [MANIFEST.descriptor]);
const pushBlob: Work = (registry) => registry.push(BLOB.descriptor, contentOfBytes(BLOB.bytes));
const pushManifest: Work = (registry) => registry.push(MANIFEST.descriptor, contentOfBytes(MANIFEST.bytes));
const referrers: Work = (registry) => registry.referrers(subject);
const checkPush: Work = (registry) => registry.checkPush();

/** No time passes while it waits. */
function hurried(): Timing {
  let now = Date.parse('2026-01-01T00:00:00Z');
  return {
    now: () => now,
    sleep: async (milliseconds) => {
      now += milliseconds;
    },
    random: () => 0.5,
  };
}

async function against(host: string, work: Work, folder: string, password = 'hunter2-secret'): Promise<unknown> {
  const registry = new Registry(
    { registry: host, repository: 'acme/app' },
    {
      timing: hurried(),
      retry: { attempts: 2 },
      credentials: async () => ({ kind: 'password', username: 'user', password }),
    },
  );
  try {
    return await work(registry, folder);
  } finally {
    registry.close();
  }
}

const answering = (
  name: string,
  work: Work,
  answer: (path: string, method: string, host: string) => Answer | undefined,
  says?: RegExp,
): HostileCase => ({
  name: `a registry that ${name}`,
  ...(says ? { says } : {}),
  run: async (folder) => {
    await using server = await serveLoopback(async (request, response, url) => {
      const given = answer(`${url.pathname}${url.search}`, request.method ?? '', request.headers.host ?? '') ?? {
        status: 404,
      };
      request.resume();
      response.on('error', () => response.destroy());
      response.writeHead(given.status, given.headers as Record<string, string>);
      if (typeof given.body !== 'function' || request.method === 'HEAD') {
        response.end(request.method === 'HEAD' || typeof given.body === 'function' ? undefined : given.body);
        return;
      }
      for (const chunk of given.body()) {
        if (response.destroyed) return;
        if (!response.write(chunk)) await waitForRoom(response);
      }
      response.end();
    });
    await against(new URL(server.url).host, work, folder);
  },
});

/** Until it takes more, or nobody reads on. */
function waitForRoom(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

const manifestHeaders = { 'content-type': MediaType.manifest };
const json = { 'content-type': 'application/json' };
const index = (value: unknown) => ({
  status: 200,
  headers: { 'content-type': MediaType.index },
  body: typeof value === 'string' ? value : JSON.stringify(value),
});
const entry = {
  mediaType: MediaType.manifest,
  digest: `sha256:${HEX}`,
  size: 2,
  artifactType: 'application/x',
  annotations: {},
};

const resolving: readonly HostileCase[] = [
  ...(
    [
      ['no content type', {}],
      ['a type of no manifest', { 'content-type': 'application/json' }],
      ['a type of HTML', { 'content-type': 'text/html; charset=utf-8' }],
      ['two types', { 'content-type': `${MediaType.manifest}, ${MediaType.index}` }],
      ['a type of ten thousand letters', { 'content-type': 'x'.repeat(10_000) }],
    ] as const
  ).map(([what, headers]) =>
    answering(`names a tag’s manifest with ${what}`, resolve, () => ({
      status: 200,
      headers: { 'docker-content-digest': MANIFEST.descriptor.digest, 'content-length': '5', ...headers },
    })),
  ),
  ...(
    [
      ['another', `sha256:${HEX}`],
      ['one in capitals', MANIFEST.descriptor.digest.toUpperCase()],
      ['one that climbs', 'sha256:../../etc/passwd'],
      ['one of md5', `md5:${'a'.repeat(32)}`],
      ['two', `${MANIFEST.descriptor.digest}, ${MANIFEST.descriptor.digest}`],
    ] as const
  ).map(([what, digest]) =>
    answering(`asked for a digest names ${what}`, resolveDigest, () => ({
      status: 200,
      headers: { ...manifestHeaders, 'docker-content-digest': digest, 'content-length': '5' },
      body: 'other',
    })),
  ),
  ...[100_000_000, 5_000_000].map((length) =>
    answering(
      `has a manifest of ${length} bytes`,
      async (registry) => registry.fetchBytes(await registry.resolve('v1')),
      () => ({
        status: 200,
        headers: {
          ...manifestHeaders,
          'docker-content-digest': MANIFEST.descriptor.digest,
          'content-length': String(length),
        },
        body: endless,
      }),
    ),
  ),
  answering('has a manifest without end behind a tag', resolve, (_, method) =>
    method === 'HEAD' ? { status: 200 } : { status: 200, headers: manifestHeaders, body: endless },
  ),
  ...[204, 206, 300, 304, 402, 406, 410, 418, 451, 500, 501, 503, 505, 599].map((status) =>
    answering(`answers ${status} when asked for a tag`, resolve, () => ({ status })),
  ),
];

const reading: readonly HostileCase[] = [
  ...(
    [
      ['other bytes', 'an other of some bytes'.slice(0, 21)],
      ['fewer bytes', 'a layer'],
      ['more bytes', 'a layer of some bytes and more'],
      ['no bytes', ''],
      ['gzip of them', Buffer.from('1f8b08000000000000034b54c84954282f4a2d56', 'hex')],
      ['bytes without end', endless],
    ] as const
  ).flatMap(([what, body]) => [
    answering(`serves a blob as ${what}`, fetchBlob, () => ({ status: 200, body })),
    answering(`serves a manifest as ${what}`, fetchManifest, () => ({ status: 200, headers: manifestHeaders, body })),
    answering(`serves an image as ${what}`, pull, (_, method) => ({
      status: 200,
      headers: manifestHeaders,
      ...(method === 'HEAD' ? {} : { body }),
    })),
  ]),
  ...[MediaType.index, MediaType.dockerManifest, 'text/plain', ''].map((type) =>
    answering(`serves a manifest under the type ${JSON.stringify(type)}`, fetchManifest, () => ({
      status: 200,
      headers: { 'content-type': type },
      body: MANIFEST.bytes,
    })),
  ),
];

const elsewhere: readonly HostileCase[] = [
  ...(
    [
      'file:///etc/passwd',
      'ftp://127.0.0.1/x',
      'javascript:alert(1)',
      'data:text/plain,a%20layer%20of%20some%20bytes',
      'http://user:pass@127.0.0.1:1/x',
      'http://',
      'https://[::1',
      '//',
      'unix:/var/run/docker.sock',
      'http://127.0.0.1:1/x',
      'gopher://127.0.0.1:6379/_FLUSHALL',
    ] as const
  ).flatMap((location) => [
    answering(`sends a read to ${location}`, fetchBlob, (path) =>
      path === '/v2/' ? undefined : { status: 307, headers: { location } },
    ),
    answering(`sends an upload to ${location}`, pushBlob, (_, method) =>
      method === 'POST' ? { status: 202, headers: { location } } : { status: 404 },
    ),
  ]),
  answering('sends a read round and round', fetchBlob, (path) => ({ status: 302, headers: { location: path } })),
  answering('sends a read on and on', fetchBlob, (path) => ({ status: 302, headers: { location: `${path}x` } })),
  answering('sends a read nowhere', fetchBlob, () => ({ status: 302 })),
  answering('sends an upload nowhere', pushBlob, (_, method) =>
    method === 'POST' ? { status: 202 } : { status: 404 },
  ),
  answering('sends what is written elsewhere', pushManifest, (path, method) =>
    method === 'PUT' ? { status: 307, headers: { location: `${path}?again` } } : { status: 404 },
  ),
];

const session =
  (put: Answer, get: Answer = { status: 404 }) =>
  (path: string, method: string): Answer | undefined => {
    if (method === 'POST') return { status: 202, headers: { location: '/v2/acme/app/blobs/uploads/1' } };
    if (method === 'PUT') return put;
    return method === 'GET' && path.includes('/uploads/') ? get : { status: 404 };
  };

const writing: readonly HostileCase[] = [
  answering(
    'stores another blob',
    pushBlob,
    session({ status: 201, headers: { 'docker-content-digest': `sha256:${HEX}` } }),
  ),
  answering('stores another manifest', pushManifest, (_, method) =>
    method === 'PUT' ? { status: 201, headers: { 'docker-content-digest': `sha256:${HEX}` } } : { status: 404 },
  ),
  answering('has a blob of another size already', pushBlob, () => ({
    status: 200,
    headers: { 'content-length': '1' },
  })),
  ...['0-99999', 'bytes=0-99999', '99999'].map((range) =>
    answering(
      `says that it has ${range} of a smaller blob`,
      pushBlob,
      session({ status: 503 }, { status: 204, headers: { range, location: '/v2/acme/app/blobs/uploads/1' } }),
    ),
  ),
  ...['', '-5--1', 'x', '5', '0-1e9', '9'.repeat(40)].map((range) =>
    answering(
      `says that it has ${JSON.stringify(range)} of a blob`,
      pushBlob,
      session({ status: 503 }, { status: 204, headers: { range } }),
    ),
  ),
  ...[200, 202, 203, 302, 400, 403, 409, 411, 413, 415, 422, 500, 507].map((status) =>
    answering(`answers ${status} at the end of an upload`, pushBlob, session({ status })),
  ),
  ...[200, 201, 204, 400, 404, 405, 409, 429].map((status) =>
    answering(`answers ${status} when an upload begins`, checkPush, (_, method) =>
      method === 'POST' ? { status } : { status: 404 },
    ),
  ),
];

const listing: readonly HostileCase[] = [
  ...(
    [
      ['no JSON', '<html>'],
      ['null', 'null'],
      ['a list', '[]'],
      ['an object without a list', '{}'],
      ['a layer', { schemaVersion: 2, layers: [], manifests: [] }],
      ['entries twice over', '{"schemaVersion":2,"manifests":[],"manifests":[]}'],
      ['an entry that is null', { schemaVersion: 2, manifests: [null] }],
      ['an entry whose digest climbs', { schemaVersion: 2, manifests: [{ ...entry, digest: 'sha256:../..' }] }],
      ['an entry of negative size', { schemaVersion: 2, manifests: [{ ...entry, size: -1 }] }],
      ['ten thousand entries', { schemaVersion: 2, manifests: Array.from({ length: 10_000 }, () => entry) }],
      ['two million brackets', '['.repeat(2_000_000)],
      ['a subject', { schemaVersion: 2, manifests: [], subject: 5 }],
    ] as const
  ).map(([what, body]) => answering(`lists referrers as ${what}`, referrers, () => index(body))),
  answering('lists referrers without end', referrers, () => ({
    status: 200,
    headers: { 'content-type': MediaType.index },
    body: endless,
  })),
  answering('lists referrers on page after page', referrers, (path) => {
    const next = Number(/last=(\d+)/.exec(path)?.[1] ?? 0) + 1;
    return {
      ...index({ schemaVersion: 2, manifests: [] }),
      headers: { 'content-type': MediaType.index, link: `<${path.split('?')[0]}?last=${next}>; rel="next"` },
    };
  }),
  answering('has the next page of referrers on another host', referrers, () => ({
    ...index({ schemaVersion: 2, manifests: [] }),
    headers: { 'content-type': MediaType.index, link: '<http://127.0.0.1:1/v2/x>; rel="next"' },
  })),
];

const denied = (more: string) => ({ status: 401, headers: { 'www-authenticate': more } });
const tokens =
  (answer: Answer) =>
  (path: string, _: string, host: string): Answer =>
    path.startsWith('/token') ? answer : denied(`Bearer realm="http://${host}/token",service="x"`);

const authorising: readonly HostileCase[] = [
  ...(
    [
      'Bearer',
      'Bearer realm=""',
      'Bearer realm="/token"',
      'Bearer realm="file:///etc/passwd"',
      'Bearer realm="javascript:alert(1)"',
      'Bearer realm="http://evil.example/token"',
      'Bearer realm="http://127.0.0.1:1/token"',
      'Bearer realm="https://user:pass@evil.example/token"',
      'Bearer realm="https://ghcr.io\\\\@evil.example/token"',
      'Digest realm="x", nonce="y"',
      'Negotiate',
      'NTLM TlRMTVNTUAABAAAA',
      'Basic',
      '"""""',
      '=====',
      `Bearer realm="${'x'.repeat(9000)}"`,
      `${'Bearer '.repeat(1000)}`,
      `Basic ${'a="b",'.repeat(1000)}`,
    ] as const
  ).map((line) =>
    answering(`wants ${JSON.stringify(line.slice(0, 60))} for ever`, resolve, () => denied(line), /^(?!.*hunter2)/s),
  ),
  answering('says 401 and not what for', resolve, () => ({ status: 401 })),
  answering('says 403 and repeats what it was sent', resolve, () => ({
    status: 403,
    headers: json,
    body: JSON.stringify({ errors: [{ code: 'DENIED', message: 'not hunter2-secret' }] }),
  })),
  ...(
    [
      ['nothing', ''],
      ['HTML', '<html>hunter2-secret</html>'],
      ['null', 'null'],
      ['a number', '5'],
      ['an empty token', '{"token":""}'],
      ['a token that is an object', '{"token":{}}'],
      ['a token with a line break', '{"token":"a\\r\\nx-evil: 1"}'],
      ['a token of spaces', '{"token":"a b"}'],
      ['a token of other letters', '{"token":"\\u00e9"}'],
      ['an error', '{"error":"invalid_grant"}'],
      ['two megabytes', `{"token":"${'x'.repeat(2_000_000)}"}`],
      ['two million brackets', '['.repeat(900_000)],
    ] as const
  ).map(([what, body]) =>
    answering(`gives ${what} for a token`, resolve, tokens({ status: 200, headers: json, body }), /^(?!.*hunter2)/s),
  ),
  answering('gives a token without end', resolve, tokens({ status: 200, headers: json, body: endless })),
  ...[201, 204, 301, 400, 401, 403, 404, 429, 500, 503].map((status) =>
    answering(
      `answers ${status} for a token`,
      resolve,
      tokens({ status, headers: { location: 'http://127.0.0.1:1/' } }),
    ),
  ),
  answering('takes no token that it gave', resolve, tokens({ status: 200, headers: json, body: '{"token":"t"}' })),
];

const errors: readonly HostileCase[] = [
  ...(
    [
      [
        'a workflow command',
        JSON.stringify({ errors: [{ code: 'X', message: '\n::set-output name=x::y\n##[error]z' }] }),
      ],
      ['escape sequences', JSON.stringify({ errors: [{ code: 'X', message: '\u001b[31mred\u001b]0;title\u0007' }] })],
      ['text that runs backwards', JSON.stringify({ errors: [{ code: 'X', message: '\u202egpj.exe' }] })],
      ['errors that are no list', JSON.stringify({ errors: 5 })],
      ['errors that are null', JSON.stringify({ errors: [null, [], 'x', { code: {}, message: [] }] })],
      [
        'ten thousand errors',
        JSON.stringify({ errors: Array.from({ length: 10_000 }, () => ({ code: 'X', message: 'y' })) }),
      ],
      ['brackets', '['.repeat(60_000)],
      ['a page', `<html>${'x'.repeat(100_000)}`],
      ['NUL', '\0\0\0'],
    ] as const
  ).map(([what, body]) => answering(`refuses with ${what}`, checkPush, () => ({ status: 403, headers: json, body }))),
  answering('refuses without end', checkPush, () => ({ status: 403, body: endless })),
  answering('wants to be asked again in a thousand years', resolve, () => ({
    status: 503,
    headers: { 'retry-after': '31536000000' },
  })),
  answering('wants to be asked again never', resolve, () => ({ status: 429, headers: { 'retry-after': 'never' } })),
  answering('wants to be asked again before now', resolve, () => ({ status: 429, headers: { 'retry-after': '-1' } })),
];

/** What is not even HTTP. */
const RAW: readonly (readonly [string, string | Uint8Array])[] = [
  ['says nothing and hangs up', ''],
  ['speaks SSH', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['speaks SMTP', '220 mail.example ESMTP\r\n'],
  ['speaks TLS', Buffer.from('15030300020246', 'hex')],
  ['speaks HTTP 0.9', '<html>hello'],
  ['speaks HTTP 2', 'HTTP/2 200 OK\r\n\r\n'],
  ['has a status of four digits', 'HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n'],
  ['has a status of no digits', 'HTTP/1.1 OK\r\n\r\n'],
  ['has two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello'],
  [
    'has a length and chunks',
    'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  ],
  ['has a negative length', 'HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n'],
  ['has a length beyond counting', `HTTP/1.1 200 OK\r\ncontent-length: ${'9'.repeat(40)}\r\n\r\n`],
  ['has a chunk beyond counting', `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${'f'.repeat(20)}\r\n`],
  ['has a chunk of no size', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n'],
  ['has NUL in a header', 'HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 0\r\n\r\n'],
  ['has a header without a name', 'HTTP/1.1 200 OK\r\n: x\r\ncontent-length: 0\r\n\r\n'],
  ['has a header of a megabyte', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(1024 * 1024)}\r\n\r\n`],
  ['has ten thousand headers', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(10_000)}\r\n`],
  [
    'has a hundred thousand heads before its answer',
    `${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(100_000)}HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n`,
  ],
  ['switches protocols', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n'],
  ['hangs up within its head', 'HTTP/1.1 200 OK\r\ncontent-le'],
  [
    'hangs up within its body',
    `HTTP/1.1 200 OK\r\ncontent-type: ${MediaType.manifest}\r\ncontent-length: 500\r\n\r\nhello`,
  ],
];

const raw: readonly HostileCase[] = RAW.flatMap(([what, bytes]) =>
  // To HEAD a status is the whole answer, however the body would go on: so a write is what they are asked for.
  (
    [
      ['when asked for a tag', resolve],
      ['when asked for an upload', checkPush],
    ] as const
  ).map(([when, work]) => ({
    name: `a server that ${what} ${when}`,
    run: async (folder: string) => {
      const sockets = new Set<Socket>();
      const server = createServer((socket) => {
        sockets.add(socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket)));
        socket.once('data', () => socket.end(bytes));
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      try {
        const { port } = server.address() as { port: number };
        await against(`127.0.0.1:${port}`, work, folder);
      } finally {
        for (const socket of sockets) socket.destroy();
        server.close();
      }
    },
  })),
);

export const ANSWERS: readonly HostileCase[] = [
  ...resolving,
  ...reading,
  ...elsewhere,
  ...writing,
  ...listing,
  ...authorising,
  ...errors,
  ...raw,
];
