/** A keyless run against a real Sigstore: its certificate, what happens when it ends, outages, and what leaks. */
import { createPublicKey, X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  keylessSigner,
  makeBundle,
  type OutagePolicy,
  parseBundle,
  parseSigningConfig,
  rekorWitness,
  type Service,
  signatureStatement,
  timestampWitness,
} from '@tidegate/attest';
import { digestOf } from '@tidegate/core';
import { runBundle, type Sigstore, startSigstore } from '@tidegate/testkit';
import { actionsFromSource } from '../support/actions.ts';
import { secretsBelow, secretsIn } from '../support/secret-search.ts';
import { evidenceImage } from './support/evidence-image.ts';

let folder = '';
let sigstore: Sigstore;
const running = new AsyncDisposableStack();

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'tidegate-keyless-')));
  running.defer(() => rm(folder, { recursive: true, force: true }));
  sigstore = running.use(await startSigstore());
}, 1_800_000);

afterAll(() => running.disposeAsync());

/** Nobody listens there. */
const CLOSED: Service = { url: 'http://127.0.0.1:9', majorApiVersion: 2, operator: 'closed' };

function asking(outage: OutagePolicy = { kind: 'fail' }, clock: () => Date = () => new Date()) {
  const notices: string[] = [];
  return {
    notices,
    outage,
    clock,
    fetch,
    signal: new AbortController().signal,
    notice: (message: string) => notices.push(message),
    pause: async () => {},
  };
}

const configured = async () =>
  parseSigningConfig(await readFile(sigstore.signingConfig), new Date(), sigstore.signingConfig);
const tokens = async (audience: string) => sigstore.issuer.token(audience);
const statement = (name: string) => signatureStatement(digestOf(name)).bytes;

function certificateOf(bundle: Uint8Array): X509Certificate {
  const { material } = parseBundle(bundle);
  if (material.kind !== 'certificate') throw new Error('signed with a key');
  return new X509Certificate(material.der);
}

test('all statements of a run have one certificate, and each its own log entry and timestamp', async () => {
  const { fulcio, rekor, timestamps } = await configured();
  const world = asking();
  let asked = 0;
  const counted = (audience: string) => {
    asked += 1;
    return tokens(audience);
  };
  const signer = await keylessSigner({ ...world, fulcio, tokens: counted });
  const witnesses = [rekorWitness(rekor.services, world), timestampWitness(timestamps.services, world)];
  const names = Array.from({ length: 20 }, (_, at) => `image ${at}`);
  const bundles = await Promise.all(names.map((name) => makeBundle(statement(name), signer, witnesses)));
  expect(asked).toBe(1);
  expect(new Set(bundles.map((one) => certificateOf(one).fingerprint256)).size).toBe(1);
  const parsed = bundles.map(parseBundle);
  expect(parsed.map((one) => [one.tlogEntries.length, one.rfc3161Timestamps.length])).toEqual(names.map(() => [1, 1]));
  const indexes = parsed.map((one) => (one.tlogEntries[0] as { logIndex?: string }).logIndex ?? '0');
  expect(new Set(indexes).size).toBe(20);
}, 60_000);

test('a certificate that has ended is not signed under again: the run asks for another one, once', async () => {
  const { fulcio } = await configured();
  let ahead = 0;
  const world = asking({ kind: 'fail' }, () => new Date(Date.now() + ahead));
  // The issuer's clock is the real one.
  const signer = await keylessSigner({
    ...world,
    fulcio,
    tokens: async (one) => sigstore.issuer.token(one, { exp: 4e9 }),
  });
  const first = certificateOf(await makeBundle(statement('a'), signer));
  expect(certificateOf(await makeBundle(statement('b'), signer)).fingerprint256).toBe(first.fingerprint256);
  ahead = first.validToDate.getTime() - Date.now() - 30_000;
  const later = await Promise.all(['c', 'd', 'e'].map((name) => makeBundle(statement(name), signer)));
  const others = new Set(later.map((one) => certificateOf(one).fingerprint256));
  expect(others.size).toBe(1);
  expect(others).not.toContain(first.fingerprint256);
  expect(world.notices).toEqual([expect.stringContaining('certificate')]);
}, 60_000);

test('a log that answers only after the certificate has ended is given a new signature under a new one', async () => {
  const { fulcio, rekor } = await configured();
  let ahead = 0;
  let certificates = 0;
  const world = asking({ kind: 'wait', milliseconds: 3_600_000 }, () => new Date(Date.now() + ahead));
  // Each pause is a minute by the run's clock. The log is out until a second certificate is asked for, which the real
  // Fulcio gives by the real time.
  const pause = async () => {
    ahead += 60_000;
  };
  const services = () => (certificates > 1 ? rekor.services : [CLOSED]);
  const log = { name: 'Rekor', testify: (seen: never) => rekorWitness(services(), { ...world, pause }).testify(seen) };
  const counted = async (audience: string) => {
    certificates += 1;
    ahead = 0;
    return sigstore.issuer.token(audience);
  };
  const signer = await keylessSigner({ ...world, fulcio, tokens: counted });
  const before = new X509Certificate(signer.certificate);
  const bundle = await makeBundle(statement('late'), signer, [log]);
  expect(certificateOf(bundle).fingerprint256).not.toBe(before.fingerprint256);
  expect(parseBundle(bundle).tlogEntries).toHaveLength(1);
  expect(certificates).toBe(2);
}, 60_000);

describe('when a service is out', () => {
  test.each(['Fulcio', 'Rekor', 'The timestamp authority'])(
    '%s: fallback goes to the second, and says so',
    async (which) => {
      const { fulcio, rekor, timestamps } = await configured();
      const world = asking({ kind: 'fallback' });
      const services = (name: string, given: readonly Service[]) => (name === which ? [CLOSED, ...given] : given);
      const signer = await keylessSigner({ ...world, fulcio: services('Fulcio', fulcio), tokens });
      const bundle = await makeBundle(statement(which), signer, [
        rekorWitness(services('Rekor', rekor.services), world),
        timestampWitness(services('The timestamp authority', timestamps.services), world),
      ]);
      expect(parseBundle(bundle).tlogEntries).toHaveLength(1);
      expect(world.notices).toEqual([expect.stringMatching(new RegExp(`^${which} at ${CLOSED.url} does not respond`))]);
    },
    60_000,
  );

  test('fail: nothing is signed, and the service is named', async () => {
    await expect(keylessSigner({ ...asking(), fulcio: [CLOSED], tokens })).rejects.toMatchObject({
      kind: 'network',
      message: expect.stringContaining(CLOSED.url),
    });
  });
});

describe('a rejection by Fulcio is reported once, with the fix, and without the token', () => {
  test.each<[string, Record<string, string | undefined>]>([
    ['a claim is missing', { repository: undefined }],
    ['the issuer is another', { iss: 'https://issuer.example' }],
  ])('%s', async (_name, claims) => {
    const { fulcio } = await configured();
    const token = sigstore.issuer.token('sigstore', claims);
    const error = await keylessSigner({ ...asking(), fulcio, tokens: async () => token }).catch(
      (thrown: Error) => thrown,
    );
    expect(error).toMatchObject({ kind: 'signature', next: expect.stringContaining('id-token: write') });
    expect(JSON.stringify([(error as Error).message, (error as Error).cause])).not.toContain(token);
  });

  test('a token whose signature is altered', async () => {
    const { fulcio } = await configured();
    const [head, body] = sigstore.issuer.token('sigstore').split('.');
    const forged = `${head}.${body}.${Buffer.alloc(256, 7).toString('base64url')}`;
    await expect(keylessSigner({ ...asking(), fulcio, tokens: async () => forged })).rejects.toMatchObject({
      kind: 'signature',
    });
  });
});

test('the token and the private key are in no file, log, argument or environment of another process', async () => {
  const target = await evidenceImage(join(folder, 'layout'), 'secrets');
  const temp = await mkdtemp(join(folder, 'job-'));
  const token = sigstore.issuer.token('sigstore');
  // Of the three parts the last is what makes it a token; the head is the same in every token.
  const [, claims = '', proof = ''] = token.split('.');
  const secrets = { token, 'claims of the token': claims, 'signature of the token': proof };
  const actions = process.env.TIDEGATE_E2E_FROM_SOURCE === '1' ? await actionsFromSource(join(folder, 'actions')) : '';
  const seen: string[] = [];
  const watching = new AbortController();
  const watch = watchProcesses(secrets, seen, watching.signal);
  const result = await runBundle({
    action: actions ? join(actions, 'sign-image', 'action.yml') : 'sign-image',
    inputs: {
      layout: target.layout.name,
      'signing-config': sigstore.signingConfig,
      'trusted-root': sigstore.trustedRoot,
      'identity-token': token,
    },
    temp,
    workspace: temp,
    env: { RUNNER_DEBUG: '1' },
  });
  watching.abort();
  const looks = await watch;
  expect({ exitCode: result.exitCode, log: result.exitCode ? result.log : [] }).toEqual({ exitCode: 0, log: [] });
  // On a busy machine the step ends after a few looks; the token in its own environment shows that it was seen.
  expect(looks).toBeGreaterThan(1);
  // The step itself was given the token by the runner, as INPUT_IDENTITY-TOKEN; nobody else has it.
  expect([...new Set(seen)]).toEqual(['the step: environ']);
  expect(secretsIn(result.raw, secrets)).toEqual([]);
  expect(secretsIn(JSON.stringify([result.outputs, result.state, result.summary, result.env]), secrets)).toEqual([]);
  expect(await secretsBelow(temp, secrets)).toEqual([]);
  expect(await secretsBelow(target.layout.folder, secrets)).toEqual([]);
  // Nothing in PEM, nothing in JWK: the key lived in memory alone.
  const kept = await textsBelow(temp, target.layout.folder);
  expect(kept.filter((text) => /PRIVATE KEY|"d":"/.test(text))).toEqual([]);
  expect(createPublicKey(certificateIn(kept)).asymmetricKeyType).toBe('ec');
}, 120_000);

/** Look at every process of the machine again and again. @returns how often */
async function watchProcesses(secrets: Readonly<Record<string, string>>, seen: string[], signal: AbortSignal) {
  let looks = 0;
  for (; !signal.aborted; looks += 1) {
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
      for (const part of ['cmdline', 'environ'] as const) {
        const content = await readFile(`/proc/${pid}/${part}`).catch(() => Buffer.alloc(0));
        if (secretsIn(content, secrets).length === 0) continue;
        const ours = content.includes('INPUT_IDENTITY-TOKEN=');
        seen.push(`${ours ? 'the step' : `process ${pid}`}: ${part}`);
      }
    }
    await after(20);
  }
  return looks;
}

async function textsBelow(...folders: readonly string[]): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const one of folders) {
    for (const entry of await readdir(one, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) texts.push(await readFile(join(entry.parentPath, entry.name), 'latin1'));
    }
  }
  return texts;
}

/** So that what was looked through is known to be what the run left. */
function certificateIn(texts: readonly string[]): string {
  const bundle = texts.find((text) => text.includes('"verificationMaterial":{"certificate"')) ?? '{}';
  const { rawBytes } = JSON.parse(bundle).verificationMaterial.certificate;
  return new X509Certificate(Buffer.from(rawBytes, 'base64')).toString();
}
