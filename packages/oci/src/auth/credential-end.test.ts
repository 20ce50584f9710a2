import { expect, test } from '@jest/globals';
import { startRegistry } from '@tidegate/testkit';
import { addImage, virtualTiming } from '../fixture.ts';
import { Registry } from '../registry/registry.ts';

test('credentials that state an end are requested again then, and not after a rejection', async () => {
  const timing = virtualTiming();
  const server = await startRegistry({
    auth: { kind: 'basic', username: 'user', password: 'right' },
    now: timing.now,
  });
  let asked = 0;
  const credentials = async () => {
    asked += 1;
    return { kind: 'password', username: 'user', password: 'right', until: timing.now() + 1_000 } as const;
  };
  const registry = new Registry({ registry: server.host, repository: 'acme/app' }, { credentials, timing });
  try {
    await registry.checkPush();
    await registry.checkPush();
    expect(asked).toBe(1);
    await timing.sleep(1_000);
    await addImage(registry, 'linux/amd64');
    expect(asked).toBe(2);
    expect(server.requests.filter(({ status }) => status === 401)).toHaveLength(1);
  } finally {
    registry.close();
    await server.close();
  }
});
