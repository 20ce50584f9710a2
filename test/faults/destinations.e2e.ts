/**
 * Two registries, from the bundles: each step of a push happens in both, tags come last, and a fault in one of them
 * leaves no tag in either. The engine's own test (`npm test -- faults`) has every fault at every step.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Fault, type RecordedRequest, type RegistryServer, startRegistry } from '@tidegate/testkit';
import { expectOneClearError } from '../support/clear-error.ts';
import { leave, succeeded } from '../support/job.ts';
import { type Staged, stagesOf } from '../support/stages.ts';
import { theSuite } from '../support/suite.ts';

const NAME = 'destinations/app';
const LOGIN = { username: 'octocat', password: 'correct horse battery' };
const VERDICT = 'https://slsa.dev/verification_summary/v1';

const suite = await theSuite();
const stages = stagesOf(suite);
let staged: Staged;
let servers: readonly [RegistryServer, RegistryServer];
/** For the second destination. */
let faultOf: (request: RecordedRequest) => Fault | undefined = () => undefined;
/** Called for every request, before it is answered. */
let onRequest: (server: 0 | 1) => void = () => {};

const imageIn = ({ host }: RegistryServer) => `${host}/${NAME}`;
const images = () => servers.map(imageIn).join('\n');
const inputs = () => ({
  image: images(),
  tags: 'raw=1.2.3\nraw=latest',
  'verification-key': suite.key.public,
  'destination-auths': servers.map(({ host }) => `${host},${LOGIN.username},${LOGIN.password}`).join('\n'),
});

beforeAll(async () => {
  const auth = { kind: 'token', ...LOGIN } as const;
  const start = (at: 0 | 1) =>
    startRegistry({
      auth,
      onRequest: (request) => {
        onRequest(at);
        return at === 1 ? faultOf(request) : undefined;
      },
    });
  servers = [await start(0), await start(1)];
  staged = await stages('cataloged');
  await succeeded(staged.job.run('scan-image', { destination: images() }));
  await succeeded(staged.job.run('sign-image'));
});
afterAll(async () => {
  for (const server of servers) await server.close();
  await leave(staged.job);
});
beforeEach(() => {
  faultOf = () => undefined;
  onRequest = () => {};
  for (const server of servers) server.deleteRepository(NAME);
});

const tags = () => servers.map((server) => [...server.tags(NAME).keys()]);
const refused: Fault = { kind: 'answer', status: 403, body: '{"errors":[{"code":"DENIED","message":"no"}]}' };
const push = (more: Readonly<Record<string, string>> = {}) => staged.job.run('push-image', { ...inputs(), ...more });

/** Destinations of the verdicts on the image, as a reader without our code finds them. */
async function verdictsIn(server: RegistryServer): Promise<readonly string[]> {
  const listed = server.referrers?.(NAME, staged.digest) ?? [];
  const payloads = listed.flatMap((digest) => {
    const { annotations = {}, layers } = JSON.parse(String(server.manifest(NAME, digest)?.bytes));
    return annotations['dev.sigstore.bundle.predicateType'] === VERDICT ? [layers[0].digest as string] : [];
  });
  return Promise.all(
    payloads.map(async (digest) => {
      const bundle = JSON.parse(await readFile(`${staged.layout}/blobs/${digest.replace(':', '/')}`, 'utf8'));
      const { predicate } = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString());
      return predicate.resourceUri;
    }),
  );
}

test('an image is in both registries under the same tags, with its evidence and the verdict for itself', async () => {
  const { annotations, outputs, summary } = await succeeded(push());
  const byDigest = servers.map((server) => `${imageIn(server)}@${staged.digest}`);
  const [first, second] = servers.map(imageIn);
  const byTag = [`${first}:1.2.3`, `${first}:latest`, `${second}:1.2.3`, `${second}:latest`];
  expect(outputs).toMatchObject({
    published: 'true',
    reference: byDigest[0],
    references: JSON.stringify(byTag),
    'all-references': byDigest.join('\n'),
    'all-tags': byTag.join('\n'),
  });
  expect(JSON.parse(outputs.report ?? '')).toMatchObject({ repository: first, others: [{ repository: second }] });
  expect(annotations.filter(({ title }) => title === 'Published').map(({ message }) => message)).toEqual(
    byDigest.map((reference) => `${reference}, tags 1.2.3, latest`),
  );
  for (const reference of byDigest) {
    expect(summary).toContain(`docker pull ${reference}`);
    expect(summary).toContain(`cosign verify --key cosign.pub --insecure-ignore-tlog=true ${reference}`);
  }
  expect(tags()).toEqual([
    ['1.2.3', 'latest'],
    ['1.2.3', 'latest'],
  ]);
  const [here = 0, there = -1] = servers.map((server) => server.referrers?.(NAME, staged.digest).length);
  expect([here, here > 3]).toEqual([there, true]);
  for (const server of servers) {
    expect(await verdictsIn(server)).toEqual([imageIn(server)]);
    const login = { 'registry-username': LOGIN.username, 'registry-password': LOGIN.password };
    const asked = { image: `${imageIn(server)}:latest`, 'verification-key': suite.key.public, ...login };
    const { outputs: verified } = await succeeded(staged.job.run('verify-image', asked));
    expect(verified.reference).toBe(`${imageIn(server)}@${staged.digest}`);
  }
});

interface Case {
  readonly what: string;
  readonly fault: (request: RecordedRequest) => Fault | undefined;
  readonly says: RegExp;
}

describe('a fault in the second registry that does not pass', () => {
  test.each<Case>([
    {
      what: 'its login is refused',
      fault: ({ url }) => (url.startsWith('/token') ? { kind: 'answer', status: 401 } : undefined),
      says: /^Destination .*401/s,
    },
    {
      what: 'it answers 500 to every manifest',
      fault: ({ method, url }) =>
        method === 'PUT' && url.includes('/manifests/sha256:')
          ? { kind: 'answer', status: 500, headers: { 'retry-after': '0' } }
          : undefined,
      says: /^Destination .*500/s,
    },
    {
      what: 'it reads back other bytes',
      fault: ({ method, url }) =>
        method === 'GET' && url.includes('/manifests/sha256:') ? { kind: 'flip-bit', at: 40 } : undefined,
      says: /^Destination /,
    },
    {
      what: 'it lists no evidence',
      fault: ({ url }) =>
        url.includes('/referrers/')
          ? {
              kind: 'answer',
              status: 200,
              headers: { 'content-type': 'application/vnd.oci.image.index.v1+json' },
              body: '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}',
            }
          : undefined,
      says: /^Destination .*that it does not list as referrers/,
    },
  ])('leaves no tag in either when $what', async ({ fault, says }) => {
    faultOf = fault;
    const message = expectOneClearError(await push());
    expect(message).toMatch(says);
    expect(message).toContain(imageIn(servers[1]));
    expect(message).toContain('No tag was set in any destination.');
    expect(tags()).toEqual([[], []]);
    faultOf = () => undefined;
    await succeeded(push());
    expect(tags().map((each) => each.length)).toEqual([2, 2]);
  });

  test.each<[string, Fault]>([
    ['refuses the second tag', refused],
    ['drops the connection at the second tag', { kind: 'reset' }],
  ])('says which tags are set where when it %s; all evidence is in both', async (_what, fault) => {
    faultOf = ({ method, url }) => (method === 'PUT' && url.endsWith('/manifests/latest') ? fault : undefined);
    const [first, second] = servers.map(imageIn);
    expect(expectOneClearError(await push())).toContain(
      `Every destination has the complete image and its evidence. Tags set: ${first}: 1.2.3, latest; ${second}: 1.2.3.`,
    );
    expect(tags()).toEqual([['1.2.3', 'latest'], ['1.2.3']]);
    for (const server of servers) {
      const view = server.referrers?.(NAME, staged.digest).length;
      expect(view).toBeGreaterThan(3);
    }
    faultOf = () => undefined;
    await succeeded(push());
    expect(tags()[1]).toEqual(['1.2.3', 'latest']);
  });
});

describe('a push that is killed', () => {
  /** Requests to each registry in a push that nothing stops. */
  let requests: readonly [number, number];
  let whole: number;
  beforeAll(async () => {
    for (const server of servers) server.deleteRepository(NAME);
    const before = servers.map((server) => server.requests.length);
    await succeeded(push());
    requests = [0, 1].map((at) => (servers[at]?.requests.length ?? 0) - (before[at] ?? 0)) as [number, number];
    whole = listed(servers[0]).length;
  });
  const listed = (server: RegistryServer) => server.referrers?.(NAME, staged.digest) ?? [];

  test.each(([0, 1] as const).flatMap((at) => [0.1, 0.5, 0.8, 0.95].map((part) => ({ at, part }))))(
    'at $part of the requests to registry $at has no tag in either while the other lacks evidence; the next converges',
    async ({ at, part }) => {
      let kill = (): void => {};
      let count = 0;
      onRequest = (server) => {
        if (server === at) count += 1;
        if (server === at && count === Math.ceil(part * requests[at])) kill();
      };
      const killed = await staged.job.run('push-image', inputs(), {
        onLine: (_line, signal) => {
          kill = () => signal('SIGKILL');
        },
      });
      onRequest = () => {};
      expect(killed.signal).toBe('SIGKILL');
      if (tags().flat().length > 0) {
        expect(servers.map((server) => listed(server).length)).toEqual([whole, whole]);
        for (const server of servers) expect(server.manifest(NAME, staged.digest)).toBeDefined();
      }
      await succeeded(push());
      expect(tags()).toEqual([
        ['1.2.3', 'latest'],
        ['1.2.3', 'latest'],
      ]);
      expect(servers.map((server) => listed(server).length)).toEqual([whole, whole]);
    },
  );
});

test('a verdict for one destination does not let the image into another', async () => {
  const { job, layout } = await stages('cataloged');
  try {
    await succeeded(job.run('scan-image', { layout, destination: imageIn(servers[0]) }));
    await succeeded(job.run('sign-image', { layout }));
    const message = expectOneClearError(await job.run('push-image', { ...inputs(), layout }));
    expect(message).toContain(`there is no verdict for ${imageIn(servers[1])}.`);
    expect(tags()).toEqual([[], []]);
  } finally {
    await leave(job);
  }
});

test('one password for two hosts is an error, and goes to neither', async () => {
  const before = servers.map(({ requests }) => requests.length);
  const { 'destination-auths': _, ...rest } = inputs();
  const login = { 'registry-username': LOGIN.username, 'registry-password': LOGIN.password };
  const refusal = await staged.job.run('push-image', { ...rest, ...login });
  expect(expectOneClearError(refusal)).toMatch(/^Input registry-username: .*not clear which of .*destination-auths/s);
  expect(servers.map(({ requests }) => requests.length)).toEqual(before);
});

test('the root action publishes to both in one step', async () => {
  const { job } = await stages('built');
  try {
    const { 'verification-key': _, ...rest } = inputs();
    const { outputs } = await succeeded(job.run('ship', { ...rest, name: 'ship', platforms: 'linux/amd64' }));
    expect(outputs['all-references']?.split('\n')).toEqual(
      servers.map((server) => `${imageIn(server)}@${outputs.digest}`),
    );
    for (const server of servers) {
      expect(server.tags(NAME).get('latest')).toBe(outputs.digest);
      const login = { 'registry-username': LOGIN.username, 'registry-password': LOGIN.password };
      const asked = { image: `${imageIn(server)}:1.2.3`, 'verification-key': suite.key.public, ...login };
      await succeeded(job.run('verify-image', asked));
    }
  } finally {
    await leave(job);
  }
});
