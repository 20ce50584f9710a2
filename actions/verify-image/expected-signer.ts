import { parsePublicKey, type Trust } from '@tidegate/attest';
import {
  badInput,
  type ExpectedIdentity,
  exact,
  pattern,
  type SourceIdentity,
  signerIdentity,
  workflowIdentity,
} from '@tidegate/core';
import type { Inputs, Job } from '@tidegate/runner';
import { pemOf } from '../support/signing/key.ts';
import { rootsOf } from '../support/signing/trusted-root.ts';
import type { action } from './action.ts';

type SignerInputs = Pick<
  Inputs<typeof action>,
  | (typeof SUBJECTS)[number]
  | 'certificate-oidc-issuer'
  | 'source-repository'
  | 'source-repository-id'
  | 'source-ref'
  | 'source-commit'
  | 'runner-environment'
  | 'verification-key'
  | 'trusted-root'
  | 'transparency-log'
  | 'signed-timestamp'
>;

/** The required signers: from inputs alone, never from the image itself. */
export interface Signers {
  readonly trust: Trust;
  readonly identity?: ExpectedIdentity | undefined;
  /** PEM. */
  readonly publicKey?: string | undefined;
}

/** @throws TidegateError `bad-input` if the inputs name no signer, or one in two ways. */
export async function signersOf(inputs: SignerInputs, job: Job): Promise<Signers> {
  const identity = identityOf(inputs, job);
  const given = inputs['verification-key'];
  if (!identity && !given) {
    throw badInput(
      'signer-missing',
      'workflow',
      '',
      'a signer to trust',
      'Set workflow, certificate-identity or verification-key.',
    );
  }
  const publicKey = given ? await pemOf('verification-key', given, job) : undefined;
  const root = inputs['trusted-root'];
  const roots = identity || root ? await rootsOf(root, job) : undefined;
  const { 'transparency-log': log, 'signed-timestamp': timestamp } = inputs;
  for (const name of ['transparency-log', 'signed-timestamp'] as const) {
    if (roots || inputs[name] !== 'required') continue;
    throw badInput(
      'signer-missing',
      name,
      inputs[name],
      'a trusted-root as well',
      'Set trusted-root to a file with the trusted logs and authorities.',
    );
  }
  return {
    trust: {
      publicKeys: publicKey === undefined ? [] : [parsePublicKey(publicKey)],
      identities: identity === undefined ? undefined : [identity],
      roots,
      log: roots === undefined ? undefined : log || 'required',
      timestamp: roots === undefined ? undefined : timestamp,
    },
    identity,
    publicKey,
  };
}

const SUBJECTS = ['workflow', 'certificate-identity', 'certificate-identity-regexp'] as const;

function identityOf(inputs: SignerInputs, job: Job): ExpectedIdentity | undefined {
  const given = SUBJECTS.filter((name) => inputs[name] !== '');
  const [way, second] = given;
  if (way === undefined) {
    const claim = CLAIMS.find((name) => inputs[name] !== '');
    if (!inputs['verification-key'] || claim === undefined) return undefined;
    throw badInput(
      'signer-missing',
      claim,
      inputs[claim],
      'a workflow as well',
      'Remove it: a key has no certificate and so no such claim.',
    );
  }
  if (second !== undefined) {
    throw badInput(
      'signer-missing',
      second,
      inputs[second],
      `no value, because ${way} is set`,
      'Name the signer in one way only.',
    );
  }
  const issuer = inputs['certificate-oidc-issuer'];
  if (issuer === '')
    throw badInput(
      'signer-missing',
      'certificate-oidc-issuer',
      '',
      'the exact issuer',
      "Remove it to use GitHub's issuer.",
    );
  const source = sourceOf(inputs, job);
  if (way === 'workflow') return workflowIdentity({ ...source, workflow: inputs.workflow, issuer });
  const text = inputs[way];
  return signerIdentity(way === 'certificate-identity' ? exact(text) : pattern(text, way), issuer, source, way, text);
}

/** Claims of a certificate that a key does not have. */
const CLAIMS = ['source-ref', 'source-repository-id', 'runner-environment'] as const;

function sourceOf(inputs: SignerInputs, job: Job): SourceIdentity {
  const given = {
    ...{ server: job.env.GITHUB_SERVER_URL, runner: inputs['runner-environment'], ref: inputs['source-ref'] },
    ...{ repository: inputs['source-repository'], repositoryId: inputs['source-repository-id'] },
    commit: inputs['source-commit'],
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value));
}
