import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Bench, newBench, pinsFor } from './toolbox.fixture.ts';
import { createToolbox } from './toolbox.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await newBench();
});
afterEach(() => bench.remove());

describe('through @actions/tool-cache, outside a runner', () => {
  test('bytes arrive and are counted; 404 is said at once', async () => {
    const bytes = Buffer.alloc(300_000, 7);
    const server = createServer((request, response) => {
      response.writeHead(request.url?.includes('cosign') ? 200 : 404).end(bytes);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    let counted = 0;
    const advance = (more: number) => {
      counted += more;
    };
    const box = createToolbox({
      ...bench.options,
      progress: { start: () => ({ advance, done() {} }) },
      pins: pinsFor('cosign', bytes, { kind: 'program' }),
      mirror: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
    try {
      expect(await box.get('cosign')).toMatchObject({ source: 'mirror' });
      expect(counted).toBe(bytes.length);
      await expect(box.get('grype')).rejects.toMatchObject({ kind: 'not-found' });
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  test('two programs come side by side', async () => {
    const bytes = Buffer.alloc(300_000, 7);
    const waiting: ServerResponse[] = [];
    // Respond to no request before both have arrived.
    const server = createServer((_, response) => {
      if (waiting.push(response) === 2) for (const one of waiting) one.end(bytes);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const box = createToolbox({
      ...bench.options,
      pins: {
        ...pinsFor('cosign', bytes, { kind: 'program' }),
        grype: pinsFor('grype', bytes, { kind: 'program' }).grype,
      },
      mirror: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
    try {
      const tools = await Promise.all([box.get('cosign'), box.get('grype')]);
      expect(tools.map(({ source }) => source)).toEqual(['mirror', 'mirror']);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
