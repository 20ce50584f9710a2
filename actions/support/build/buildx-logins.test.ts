import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Job } from '@tidegate/runner';
import { buildxLogins, isBuiltElsewhere, withoutPushIdentities } from './buildx-logins.ts';
import { cacheLogin } from './cache-login.ts';

let temp = '';
beforeAll(async () => {
  temp = await mkdtemp(join(tmpdir(), 'buildx-logins-'));
});
afterAll(() => rm(temp, { recursive: true }));

const NODES = { builder: '', 'builder-endpoints': ['linux/amd64=tcp://a.example:1'] };
const LOCAL = { builder: '', 'builder-endpoints': [] };
const OWN = JSON.stringify({ auths: { 'own.example': { auth: 'own' } } });
const login = (registry: string) => ({ registry, username: 'ada', password: registry });
const jobOf = (env: Readonly<Record<string, string>>) =>
  ({ env: { HOME: '/home/of/user', ...env }, log: { mask() {}, notice() {} } }) as unknown as Job;

async function given(choice: typeof NODES, env: Readonly<Record<string, string>> = {}) {
  const inputs = { ...choice, 'registry-auths': [['bases.example', 'ada', 'read']] };
  const logins = { logins: [login('identity.example')], pushLogins: [login('push.example'), login('bases.example')] };
  const variables = await buildxLogins(inputs, logins, jobOf({ DOCKER_AUTH_CONFIG: OWN, ...env }), { temp });
  const { auths } = JSON.parse(variables.DOCKER_AUTH_CONFIG ?? '{}') as { auths: Record<string, { auth: string }> };
  return { variables, auths };
}

describe('on another machine', () => {
  test.each<[string, typeof NODES, Readonly<Record<string, string>>]>([
    ['a node', NODES, {}],
    ['BUILDKIT_HOST', LOCAL, { BUILDKIT_HOST: 'tcp://build.example:1234' }],
  ])('%s gets logins for base images only, and none of the user', async (_, choice, env) => {
    const { variables, auths } = await given(choice, env);
    expect(Object.keys(auths).sort()).toEqual(['bases.example', 'identity.example']);
    expect(atob(auths['bases.example']?.auth ?? '')).toBe('ada:read');
    const config = await readFile(join(variables.DOCKER_CONFIG ?? '', 'config.json'), 'utf8');
    expect(JSON.parse(config)).toEqual({ auths: { 'none.invalid': {} } });
  });

  test('a node without any login of its own gets none', async () => {
    const job = jobOf({ DOCKER_AUTH_CONFIG: OWN });
    const pushLogins = [login('push.example')];
    const variables = await buildxLogins({ ...NODES, 'registry-auths': [] }, { pushLogins }, job, { temp });
    expect(Object.keys(variables).sort()).toEqual(['DOCKER_CONFIG', 'DOCKER_CONTEXT']);
  });

  test("a cache in a registry needs a login of its own: neither the job's token nor docker's login is sent", async () => {
    const cache = { cache: 'registry', 'cache-image': 'ghcr.io/acme/cache', token: 'ghs_x' } as const;
    const auths = JSON.stringify({ auths: { 'ghcr.io': { auth: btoa('ada:x') } } });
    const written = (isElsewhere: boolean, env = {}, named: readonly (readonly string[])[] = []) =>
      cacheLogin({ ...cache, 'registry-auths': named }, { isPublished: true, isElsewhere, logins: [] }, jobOf(env));
    expect(await written(false)).toMatchObject([{ registry: 'ghcr.io', password: 'ghs_x' }]);
    for (const env of [{}, { DOCKER_AUTH_CONFIG: auths }]) {
      await expect(written(true, env)).rejects.toThrow(/^Input cache: registry is written to ghcr\.io, for which/);
    }
    expect(await written(true, {}, [['ghcr.io', 'ada', 'cache']])).toEqual([]);
  });

  test('an identity that can push the image is not used, one that is limited to reading is', () => {
    const ecr = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
    const lines = [
      `${ecr} role=arn:aws:iam::123456789012:role/ci`,
      'quay.io robot=acme+ci',
      'acmeimages.azurecr.io tenant=11111111-1111-1111-1111-111111111111 client=22222222-2222-2222-2222-222222222222',
    ];
    const images = [`${ecr}/app`, 'quay.io/acme/app'];
    expect(withoutPushIdentities({ 'registry-identities': lines }, images)['registry-identities']).toEqual([
      lines[0],
      lines[2],
    ]);
  });
});

test.each<[string, boolean]>([
  ['', false],
  ['unix:///run/buildkit/buildkitd.sock', false],
  ['tcp://127.0.0.1:1234', false],
  ['tcp://[::1]:1234', false],
  ['tcp://localhost:1234', false],
  ['docker-container://buildkit', false],
  ['tcp://127.0.0.1.example:1234', true],
  ['tcp://10.0.0.1:1234', true],
  ['tcp://', true],
  ['ssh://build.example', true],
  ['kube-pod://localhost', true],
])('BUILDKIT_HOST %p is on another machine: %p', async (address, expected) => {
  const env = { BUILDKIT_HOST: address };
  expect(isBuiltElsewhere(LOCAL, env)).toBe(expected);
  expect(isBuiltElsewhere({ ...LOCAL, builder: 'mine' }, env)).toBe(false);
  if (expected) return;
  const { auths, variables } = await given(LOCAL, env);
  expect(Object.keys(auths)).toContain('push.example');
  expect(variables).not.toHaveProperty('DOCKER_CONFIG');
});
