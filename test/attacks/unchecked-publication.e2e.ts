/** Somebody who may write the caller's workflow, and calls publish.yml with what commit-to-registry.yml has not checked. */
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { keylessSigner, parseSigningConfig, readChecked, verifyChecked } from '@tidegate/attest';
import type { Target } from '@tidegate/pipeline';
import { type BundleResult, runBundle, type Sigstore, startSigstore } from '@tidegate/testkit';
import { evidenceImage } from '../interop/support/evidence-image.ts';
import { actionsFromSource } from '../support/actions.ts';

const SUITE = 'tidegate/tidegate/.github/workflows';
const CHECKS = { job_workflow_ref: `${SUITE}/commit-to-registry.yml@refs/tags/v1` };
const PUBLISHES = { job_workflow_ref: `${SUITE}/publish.yml@refs/tags/v1` };

let folder: string;
let actions: string | undefined;
let sigstore: Sigstore;
let target: Target;
const opened = new AsyncDisposableStack();

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'unchecked-')));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  sigstore = opened.use(await startSigstore());
  if (process.env.TIDEGATE_E2E_FROM_SOURCE === '1') actions = await actionsFromSource(join(folder, 'actions'));
  target = await evidenceImage(join(folder, 'layout'), 'checked');
}, 1_800_000);
afterAll(() => opened.disposeAsync());

type Claims = Readonly<Record<string, string>>;

/** A job with these claims in the tokens that it requests from the runner. */
async function job(action: 'sign-checked' | 'sign-image', claims: Claims, inputs: Claims): Promise<BundleResult> {
  sigstore.issuer.claim(claims);
  const temp = await mkdtemp(join(folder, 'job-'));
  return runBundle({
    action: actions ? join(actions, action, 'action.yml') : action,
    inputs: { 'signing-config': sigstore.signingConfig, 'trusted-root': sigstore.trustedRoot, ...inputs },
    ...{ temp, workspace: temp },
    env: {
      ACTIONS_ID_TOKEN_REQUEST_URL: sigstore.issuer.requestUrl,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: sigstore.issuer.requestToken,
    },
  });
}

const checked = () => JSON.stringify({ digest: target.image.root.digest, signing: 'keyless', publish: 'true' });
const proven = async (claims: Claims) =>
  (await job('sign-checked', claims, { checked: checked() })).outputs.checked ?? 'no output';
const publication = (text: string, claims: Claims = PUBLISHES) =>
  job('sign-image', claims, { layout: target.layout.name, signing: 'keyless', checked: text });

test('publish.yml signs what commit-to-registry.yml has checked in this run', async () => {
  const text = await proven(CHECKS);
  expect(text.length).toBeLessThan(20_000);
  const result = await publication(text, { ...PUBLISHES, run_attempt: '2' });
  expect({ exitCode: result.exitCode, log: result.exitCode ? result.log : [] }).toEqual({ exitCode: 0, log: [] });
  expect(result.outputs.signer).toContain('publish.yml');
}, 120_000);

test.each<[string, () => Promise<string>, RegExp]>([
  ['a forged `checked` without a proof', async () => checked(), /no proof/],
  [
    'the proof of a job of the caller',
    () => proven({ job_workflow_ref: `acme/app/.github/workflows/ship.yml@refs/heads/main` }),
    /not by https:\/\/github\.com\/tidegate/,
  ],
  ['the proof of another run', () => proven({ ...CHECKS, run_id: '7000000002' }), /of the run/],
  [
    'the proof of a runner of the caller',
    () => proven({ ...CHECKS, runner_environment: 'self-hosted' }),
    /runnerEnvironment/,
  ],
  [
    'the proof with other tags',
    async () => JSON.stringify({ ...JSON.parse(await proven(CHECKS)), 'exact-tags': 'raw=latest' }),
    /other values/,
  ],
])(
  'nothing is signed with %s',
  async (_, text, why) => {
    const given = await text();
    sigstore.issuer.claim({ runner_environment: 'github-hosted', run_id: '7000000001' });
    const result = await publication(given);
    expect(result.exitCode).toBe(1);
    expect(result.log.join('\n')).toMatch(why);
  },
  120_000,
);

test('an authority of the caller is trusted by publish.yml no more than its own', async () => {
  const text = await proven(CHECKS);
  await using theirs = await startSigstore();
  const { fulcio } = parseSigningConfig(await readFile(theirs.signingConfig), new Date(), 'theirs');
  const signer = await keylessSigner({
    ...{ fulcio, outage: { kind: 'fail' }, signal: new AbortController().signal, clock: () => new Date() },
    ...{ notice: () => {}, pause: async () => {}, fetch },
    tokens: async (audience) => theirs.issuer.token(audience, PUBLISHES),
  });
  await expect(verifyChecked(readChecked(text), signer)).rejects.toThrow(/Another authority/);
}, 120_000);

test('a token that a server of the caller received is worthless at another Fulcio', async () => {
  const inputs = { checked: checked(), 'identity-audience': 'signing-config' };
  const result = await job('sign-checked', CHECKS, inputs);
  // The Fulcio of this config accepts `sigstore` only, as public Sigstore does.
  expect(sigstore.issuer.requests.at(-1)).toBe(sigstore.signingConfig);
  expect({ exitCode: result.exitCode, checked: result.outputs.checked }).toEqual({ exitCode: 1, checked: undefined });
  expect(result.log.join('\n')).toMatch(/Fulcio at \S+ /);
}, 120_000);
