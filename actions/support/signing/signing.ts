import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { IdentityTokens, KeylessSigner, KeySigner, SigningServices, Trust, Witness } from '@tidegate/attest';
import {
  assertUsable,
  certificateIdentity,
  keylessSigner,
  parseSigningConfig,
  rekorWitness,
  SIGNING_SERVICES,
  SIGSTORE_AUDIENCE,
  timestampWitness,
} from '@tidegate/attest';
import { badInput, exactIdentity, TidegateError } from '@tidegate/core';
import { cosignSigner, isHeldElsewhere, type Services, type SignOptions } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { assertMayBeLogged } from '../reports/public-log.ts';
import { signerOf } from './key.ts';
import { assertRootGiven } from './root-given.ts';
import { type SigningMode, signingMode } from './signing-mode.ts';
import { documentOf, rootsOf } from './trusted-root.ts';

export interface SigningInputs {
  readonly signing: SigningMode | '';
  readonly 'public-log': 'refuse' | 'allow';
  readonly token?: string;
  readonly key: string;
  readonly 'key-password': string;
  readonly 'identity-token': string;
  readonly witness: readonly string[];
  readonly 'signing-config': string;
  readonly 'identity-audience'?: 'sigstore' | 'signing-config';
  readonly 'trusted-root': string;
  readonly 'on-outage': 'wait' | 'fallback' | 'fail';
  readonly 'outage-patience': number | undefined;
}

/** The signer, and the trust that others verify it with. */
export interface Signing extends SignOptions {
  readonly publicKeyPem: string;
  /** The same signer, if it has a certificate. */
  readonly keyless?: KeylessSigner;
}

/**
 * The key that signs on this machine, if one does. Before a long build: a missing or wrong key, and a missing or expired
 * token, are found without contacting a server.
 * @throws TidegateError `bad-input`, `unauthorized`
 */
export async function signingKey(inputs: SigningInputs, job: Job): Promise<KeySigner | undefined> {
  signingMode(inputs.signing, inputs.key !== '');
  if (inputs.key) return isHeldElsewhere(inputs.key) ? undefined : signerOf(inputs, job);
  assertRootGiven(inputs);
  const audience = audienceOf(inputs);
  const given = inputs['identity-token'];
  if (given) assertUsable(await tokensOf(given, job)(audience), job.clock(), audience);
  else job.assertIdToken();
  return undefined;
}

/**
 * Read the inputs and their files, so that a wrong key or file is found before an image is built. The certificate of a
 * keyless run is requested only when the returned function is called.
 * @param key from `signingKey`, if the caller has it already
 */
export async function signingOf(
  inputs: SigningInputs,
  job: Job,
  key?: KeySigner,
): Promise<(services: Services) => Promise<Signing>> {
  signingMode(inputs.signing, inputs.key !== '');
  const asking = askingOf(inputs, job);
  const services = await servicesOf(inputs, job);
  if (isHeldElsewhere(inputs.key)) {
    const witnesses = witnessesOf(inputs.witness, [], services, asking);
    const witnessed = await witnessedAs(inputs, job);
    return async (stage) => {
      const signer = await cosignSigner(inputs.key, job.env, stage);
      const trust = { publicKeys: [signer.publicKey], ...witnessed };
      return { signer, witnesses, trust, publicKeyPem: signer.publicKeyPem };
    };
  }
  if (inputs.key) {
    const signer = key ?? (await signerOf(inputs, job));
    const witnesses = witnessesOf(inputs.witness, [], services, asking);
    const trust = { publicKeys: [signer.publicKey], ...(await witnessedAs(inputs, job)) };
    return async () => ({ signer, witnesses, trust, publicKeyPem: signer.publicKeyPem });
  }
  assertRootGiven(inputs);
  const roots = await rootsOf(inputs['trusted-root'], job);
  const witnesses = witnessesOf(inputs.witness, KEYLESS_WITNESSES, services, asking);
  const audience = audienceOf(inputs);
  const tokens = await firstOf(tokensOf(inputs['identity-token'], job), audience, job, (token) =>
    assertMayBeLogged(inputs, services, job, token),
  );
  return onceMade(async () => {
    const signer = await keylessSigner({ ...asking, fulcio: services.fulcio, tokens, audience });
    const certified = await certificateIdentity(signer.certificate);
    // All claims: the workflow alone is also the identity of other repositories that call it.
    const identities = [exactIdentity(certified.identity)];
    const trust = { publicKeys: [], identities, roots, ...requiredBy(inputs.witness) };
    return { signer, keyless: signer, witnesses, trust, certified, publicKeyPem: '' };
  });
}

/**
 * One certificate for the whole run, whichever stage asks first: each is a request, and an entry of a public log. The
 * signer itself renews it. A failure is not kept.
 */
function onceMade(make: () => Promise<Signing>): () => Promise<Signing> {
  let made: Promise<Signing> | undefined;
  return async () => {
    made ??= make();
    try {
      return await made;
    } catch (error) {
      made = undefined;
      throw error;
    }
  };
}

/** Request a token now, so that a job without one fails before it builds; the token is used if it is still fresh. */
async function firstOf(
  tokens: IdentityTokens,
  audience: string,
  job: Job,
  check: (token: string) => Promise<void>,
): Promise<IdentityTokens> {
  let held: string | undefined = await tokens(audience);
  assertUsable(held, job.clock(), audience);
  await check(held);
  const asked = job.clock().getTime();
  return async (other) => {
    const token = job.clock().getTime() - asked < FRESH_MS ? held : undefined;
    held = undefined;
    return token ?? tokens(other);
  };
}

const FRESH_MS = 60_000;

/**
 * A signing config names the servers that receive the token. In a reusable workflow the caller names the config: a server
 * of its own could take a token for `sigstore` to public Sigstore, and sign anything as the reusable workflow.
 */
function audienceOf({ 'signing-config': config, 'identity-audience': audience }: SigningInputs): string {
  const isBuiltIn = config === 'public-good' || config === 'github';
  return audience === 'signing-config' && !isBuiltIn ? config : SIGSTORE_AUDIENCE;
}

/**
 * Requirements for a key's signatures if `witness` is set. Verifiers would find an invalid log entry, so it must be found
 * before the image has a tag. Nothing is required if no root names the witnesses.
 */
async function witnessedAs(inputs: SigningInputs, job: Job): Promise<Pick<Trust, 'roots' | 'log' | 'timestamp'>> {
  const { witness, 'trusted-root': root, 'signing-config': config } = inputs;
  const required = requiredBy(witness);
  if (required.log === undefined) return {};
  if (!root && config !== 'public-good') return {};
  return { roots: await rootsOf(root, job), ...required };
}

/** The chosen witnesses, and no others: a root may name a log that this run does not use. */
function requiredBy(witness: readonly string[]): Pick<Trust, 'log' | 'timestamp'> {
  const [log, timestamp] = (['rekor', 'timestamp'] as const).map((one) => witness.includes(one));
  if (!log && !timestamp) return {};
  return { log: log ? 'required' : 'optional', timestamp: timestamp ? 'required' : 'optional' };
}

function askingOf(inputs: SigningInputs, job: Job) {
  const kind = inputs['on-outage'];
  const milliseconds = inputs['outage-patience'] ?? 0;
  return {
    outage: kind === 'wait' ? ({ kind, milliseconds } as const) : ({ kind } as const),
    fetch: job.network.fetch,
    signal: job.signal,
    clock: job.clock,
    notice: (message: string) => job.log.warning(message),
    pause: (time: number, signal: AbortSignal) => after(time, undefined, { signal }),
  };
}

const KEYLESS_WITNESSES = ['rekor', 'timestamp'] as const;

function witnessesOf(
  named: readonly string[],
  byDefault: readonly string[],
  { name, rekor, timestamps }: SigningServices,
  asking: ReturnType<typeof askingOf>,
): readonly Witness[] {
  const wrong = named.find((one) => !['rekor', 'timestamp', 'none'].includes(one));
  if (wrong !== undefined || (named.includes('none') && named.length > 1)) {
    throw badInput(
      'input-value-not-allowed',
      'witness',
      named.join(', '),
      'rekor, timestamp or both, or none alone',
      'Write a list such as rekor, timestamp.',
    );
  }
  const wanted = named.length > 0 ? named : byDefault;
  const made = [
    ...(wanted.includes('rekor') ? some(rekor, (services) => rekorWitness(services, asking)) : []),
    ...(wanted.includes('timestamp') ? some(timestamps, (services) => timestampWitness(services, asking)) : []),
  ];
  const lacking = named.find(
    (one) => (one === 'rekor' && rekor.count === 0) || (one === 'timestamp' && timestamps.count === 0),
  );
  if (lacking === undefined && (made.length > 0 || wanted.length === 0 || wanted.includes('none'))) return made;
  throw new TidegateError(
    'signing-config-unusable',
    `The signing config ${name} has no service for ${lacking ?? wanted.join(' or ')}.`,
    {
      next: 'Use a signing config that has one, or remove it from witness.',
    },
  );
}

/** `count` witnesses, each with fallback services that no other one uses. */
function some(
  { services, count }: SigningServices['rekor'],
  make: (services: SigningServices['rekor']['services']) => Witness,
): readonly Witness[] {
  return Array.from({ length: count }, (_, at) => make(services.filter((_one, index) => index % count === at)));
}

export async function servicesOf(inputs: Pick<SigningInputs, 'signing-config'>, job: Job): Promise<SigningServices> {
  const given = inputs['signing-config'];
  if (given === 'public-good' || given === 'github') return SIGNING_SERVICES[given];
  return parseSigningConfig(await documentOf('signing-config', given, job), job.clock(), given);
}

const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The file is read anew each time: a cluster or another login keeps it fresh. */
function tokensOf(given: string, job: Job): IdentityTokens {
  if (!given) return job.idToken;
  if (JWT.test(given.trim())) return async () => given.trim();
  return async () => {
    let token: string;
    try {
      token = (await readFile(resolve(job.workspace, given), 'utf8')).trim();
    } catch {
      // Show neither the value, which may be a broken token, nor the system's error, which repeats it.
      throw new TidegateError(
        'input-format-wrong',
        'Input identity-token: expected a JSON Web Token, or the path of a readable file.',
        {
          next: 'Check the secret or the path.',
        },
      );
    }
    job.log.mask(token);
    return token;
  };
}

/** The trust that push-image uses later in this job. */
export function rememberedOf(inputs: SigningInputs, publicKey: string, { trust }: Pick<Signing, 'trust'>) {
  const { roots, log, timestamp } = trust;
  return publicKey
    ? {
        publicKey,
        trustedRoot: roots === undefined ? undefined : inputs['trusted-root'],
        log: roots === undefined ? undefined : log,
        timestamp: roots === undefined ? undefined : timestamp,
      }
    : { identities: trust.identities, trustedRoot: inputs['trusted-root'] };
}
