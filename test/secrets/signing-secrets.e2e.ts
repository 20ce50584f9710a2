/**
 * Where a private key, its password, or the token that stands for a job's identity could be left: files, those that were
 * removed too, logs, outputs, arguments and environments of every program that a step starts, the registry and the logs
 * of Sigstore. Each way to sign, by the root action and by sign-image and push-image, with debug logging on.
 */
import { execFile } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BundleResult, runPost, type Sigstore, startRegistry, startSigstore } from '@tidegate/testkit';
import { startVault } from '../interop/support/vault.ts';
import { leave, newJob, succeeded } from '../support/job.ts';
import { type Secrets, secretsBelow, secretsIn, secretsOfKey } from '../support/secret-search.ts';
import { stagesOf } from '../support/stages.ts';
import { type StepRecords, stepRecords } from '../support/step-records.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const stages = stagesOf(suite);
const PASSWORD = 'a pass/phrase+with&signs%20 of a key';
const running = new AsyncDisposableStack();
let sigstore: Sigstore;
/** Outside every job: what a user keeps there is not what a step left. */
let safe = '';

beforeAll(async () => {
  safe = await mkdtemp(join(suite.folder, 'safe-'));
  sigstore = running.use(await startSigstore());
  // The issuer speaks of the very run that the runner's variables speak of: provenance of another is not signed.
  const { job } = await stages('scanned');
  const workflow = 'acme/app/.github/workflows/release.yml@refs/heads/main';
  sigstore.issuer.claim({
    ...{ repository: 'acme/app', repository_owner: 'acme', sub: 'repo:acme/app:ref:refs/heads/main', sha: job.sha },
    ...{ workflow_ref: workflow, workflow_sha: job.sha, job_workflow_ref: workflow, job_workflow_sha: job.sha },
  });
}, 1_800_000);
afterAll(() => running.disposeAsync());

interface Given {
  readonly inputs: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Secrets that only the step itself may have. */
  readonly secrets: Secrets;
  /** Secrets that a program is to have in its environment: how it logs in. */
  readonly lent?: Readonly<Record<string, string>>;
}

const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const keyless = () => ({
  key: '',
  'signing-config': sigstore.signingConfig,
  'trusted-root': sigstore.trustedRoot,
});

/** Of three parts the last is what makes it a token; the head is the same in every token. */
function secretsOfToken(token: string): Secrets {
  const [, claims = '', proof = ''] = token.split('.');
  return { token, 'claims of the token': claims, 'signature of the token': proof };
}

/** cosign's own: encrypted with its scrypt and secretbox. */
async function cosignKey(): Promise<{ file: string; text: string; key: KeyObject }> {
  const folder = await mkdtemp(join(safe, 'cosign-'));
  const key = newKey();
  await writeFile(join(folder, 'plain.pem'), key.export({ type: 'pkcs8', format: 'pem' }));
  const env = { HOME: folder, PATH: '', COSIGN_PASSWORD: PASSWORD };
  const argv = ['import-key-pair', '--key', join(folder, 'plain.pem'), '--output-key-prefix', join(folder, 'cosign')];
  await promisify(execFile)(suite.clients.cosign, argv, { env });
  const file = join(folder, 'cosign.key');
  return { file, text: await readFile(file, 'utf8'), key };
}

const WAYS: Readonly<Record<string, () => Promise<Given>>> = {
  'a PKCS #8 key': async () => {
    const key = newKey();
    return {
      inputs: { key: key.export({ type: 'pkcs8', format: 'pem' }).toString() },
      secrets: secretsOfKey(key, 'key'),
    };
  },
  'a SEC 1 key in a file': async () => {
    const key = newKey();
    const file = join(safe, 'sec1.pem');
    await writeFile(file, key.export({ type: 'sec1', format: 'pem' }));
    return { inputs: { key: file }, secrets: secretsOfKey(key, 'key') };
  },
  'an encrypted PKCS #8 key': async () => {
    const key = newKey();
    const cipher = { cipher: 'aes-256-cbc', passphrase: PASSWORD };
    return {
      inputs: { key: key.export({ type: 'pkcs8', format: 'pem', ...cipher }).toString(), 'key-password': PASSWORD },
      secrets: { password: PASSWORD, ...secretsOfKey(key, 'key') },
    };
  },
  "cosign's encrypted key": async () => {
    const { text, key } = await cosignKey();
    return {
      inputs: { key: text, 'key-password': PASSWORD },
      secrets: { password: PASSWORD, 'encrypted key': text.split('\n')[1] ?? '', ...secretsOfKey(key, 'key') },
    };
  },
  "cosign's encrypted key in a file": async () => {
    const { file, key } = await cosignKey();
    return {
      inputs: { key: file, 'key-password': PASSWORD },
      secrets: { password: PASSWORD, ...secretsOfKey(key, 'key') },
    };
  },
  'a key in Vault': async () => {
    const vault = running.use(await startVault());
    const { VAULT_TOKEN: token, ...env } = vault.env;
    return {
      inputs: { key: 'hashivault://release', tools: suite.tools },
      env: { ...env, VAULT_TOKEN: token, AWS_SECRET_ACCESS_KEY: 'a secret of another service' },
      secrets: { 'token of Vault': token, 'another secret': 'a secret of another service' },
      lent: { 'token of Vault': 'cosign' },
    };
  },
  'keyless, the token asked for': async () => ({
    inputs: keyless(),
    env: {
      ACTIONS_ID_TOKEN_REQUEST_URL: sigstore.issuer.requestUrl,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: sigstore.issuer.requestToken,
    },
    secrets: { 'request token': sigstore.issuer.requestToken },
  }),
  'keyless, the token given': async () => {
    const token = sigstore.issuer.token('sigstore');
    return { inputs: { ...keyless(), 'identity-token': token }, secrets: secretsOfToken(token) };
  },
  'keyless, the token in a file': async () => {
    const token = sigstore.issuer.token('sigstore');
    const file = join(safe, 'token');
    await writeFile(file, `${token}\n`);
    return { inputs: { ...keyless(), 'identity-token': file }, secrets: secretsOfToken(token) };
  },
  'keyless, the token in the environment': async () => {
    const token = sigstore.issuer.token('sigstore');
    return { inputs: keyless(), env: { SIGSTORE_ID_TOKEN: token }, secrets: secretsOfToken(token) };
  },
};

/** The root action builds, which takes a while: one way of each kind. */
const SHIPPED = ['a PKCS #8 key', "cosign's encrypted key", 'a key in Vault', 'keyless, the token asked for'];
const RUNS = [
  ...Object.keys(WAYS).map((way) => ['sign-image and push-image', way] as const),
  ...SHIPPED.map((way) => ['the root action', way] as const),
];

test.each(RUNS)(
  '%s with %s leave nothing',
  async (by, way) => {
    const given = (await WAYS[way]?.()) ?? { inputs: {}, secrets: {} };
    const { job } = by === 'the root action' ? { job: await newJob(suite) } : await stages('scanned');
    const records = await stepRecords(suite.folder);
    const storage = join(job.temp, '..', 'registry');
    const login = { username: 'octocat', password: 'the password of the registry' };
    await using registry = disposable(await startRegistry({ dir: storage, auth: { kind: 'token', ...login } }));
    const image = `${registry.host}/signed/app`;
    const already = sigstore.issuer.issued.length;
    const step = async (name: 'sign-image' | 'push-image' | 'ship', inputs: Readonly<Record<string, string>>) => {
      const env = { RUNNER_DEBUG: '1', TMPDIR: job.temp, ...records.env, ...given.env };
      return succeeded(job.run(name, inputs, { env }));
    };
    const push = { image, 'registry-username': login.username, 'registry-password': login.password };
    const done =
      by === 'the root action'
        ? [await step('ship', { ...push, ...given.inputs })]
        : [await step('sign-image', given.inputs), await step('push-image', push)];
    for (const one of [...done]) {
      const post = await runPost(one);
      if (post) done.push(post);
    }
    expect(registry.tags('signed/app').get('main')).toBe(done[0]?.outputs.digest);

    const { keys, secrets } = await everySecret(given, records, already);
    const starts = await records.starts();
    const found = {
      ...Object.fromEntries(await tracesOfSteps(done, secrets)),
      'RUNNER_TEMP and its folders': await secretsBelow(job.temp, secrets),
      'files that were removed': (
        await Promise.all((await records.removed()).map(async (file) => secretsIn(await readFile(file), secrets)))
      ).flat(),
      workspace: await secretsBelow(job.workspace, secrets),
      'tool cache': await secretsBelow(job.toolCache, secrets).catch(() => []),
      arguments: starts.flatMap(({ argv }) => secretsIn(argv.join('\0'), secrets)),
      environments: starts.flatMap(({ program, env }) =>
        secretsIn(env.join('\0'), without(secrets, given.lent, program)),
      ),
      'the registry: what it keeps': await secretsBelow(storage, secrets),
      'the registry: what it was asked': secretsIn(JSON.stringify(registry.requests), secrets),
      "Sigstore's logs": [
        ...(await secretsBelow(join(sigstore.folder, 'rekor'), secrets)),
        ...(await secretsBelow(join(sigstore.folder, 'ctlog'), secrets)),
      ],
    };
    expect(Object.fromEntries(Object.entries(found).filter(([, one]) => one.length > 0))).toEqual({});

    // That there was something to be found in: each of these is empty where the search would be of nothing.
    expect(keys).toBe(way.startsWith('keyless') ? 1 : 0);
    expect(await readdir(join(job.temp, 'tidegate/image/layout/blobs/sha256'))).not.toEqual([]);
    expect(registry.requests.length).toBeGreaterThan(20);
    const programs = starts.map(({ program }) => program.split('/').at(-1));
    if (by === 'the root action') expect(programs).toEqual(expect.arrayContaining(['buildx', 'syft', 'grype', 'git']));
    if (way === 'a key in Vault') {
      expect(programs).toContain('cosign');
      expect(await records.removed()).not.toEqual([]);
    }
    await leave(job);
  },
  120_000,
);

/** With the keys that a step made for itself, and the tokens that it was given on asking. */
async function everySecret({ secrets }: Given, records: StepRecords, already: number) {
  const keys = await records.keys();
  return {
    keys: keys.length,
    secrets: Object.assign(
      {},
      secrets,
      ...keys.map((key, at) => secretsOfKey(key, `key ${at} of the run`)),
      ...sigstore.issuer.issued.slice(already).map(secretsOfToken),
    ) as Secrets,
  };
}

async function tracesOfSteps(done: readonly BundleResult[], secrets: Secrets) {
  return done.flatMap((one, at) => {
    const { raw, summary, outputs, state, env, path } = one;
    return Object.entries({ log: raw, summary, outputs, state, env, path }).map(
      ([name, content]) =>
        [`step ${at}: ${name}`, secretsIn(typeof content === 'string' ? content : texts(content), secrets)] as const,
    );
  });
}

const texts = (content: object) => Object.entries(content).flat().join('\0');

function without(secrets: Secrets, lent: Given['lent'], program: string): Secrets {
  const mine = Object.entries(lent ?? {}).filter(([, to]) => program.split('/').at(-1) === to);
  return Object.fromEntries(Object.entries(secrets).filter(([name]) => !mine.some(([one]) => one === name)));
}

function disposable<T extends { close(): Promise<void> }>(server: T): T & AsyncDisposable {
  return Object.assign(server, { [Symbol.asyncDispose]: () => server.close() });
}

describe('the search', () => {
  test("sees each line of a key's file, and its number, and not what is public of it", () => {
    const key = newKey();
    const secrets = secretsOfKey(key, 'key');
    const pem = (type: 'pkcs8' | 'sec1') => key.export({ type, format: 'pem' }).toString();
    expect(secretsIn(pem('pkcs8'), secrets).length).toBeGreaterThan(1);
    expect(secretsIn(pem('sec1'), secrets).length).toBeGreaterThan(1);
    expect(secretsIn(key.export({ type: 'pkcs8', format: 'der' }), secrets)).toEqual(['key: number, plain']);
    // One number in four has none of the two characters in which the alphabets differ: it is seen in both.
    const inJwk = secretsIn(JSON.stringify(key.export({ format: 'jwk' })), secrets);
    expect(inJwk).toContain('key: number, base64url from byte 0');
    expect(inJwk.filter((form) => !/^key: number, base64(url)? from byte 0$/.test(form))).toEqual([]);
    // In a certificate it stands wherever the names before it end.
    const open = createPublicKey(key).export({ type: 'spki', format: 'der' });
    for (const before of [0, 1, 2]) {
      expect(secretsIn(Buffer.concat([Buffer.alloc(before), open]).toString('base64'), secrets)).toEqual([]);
    }
  });
});
