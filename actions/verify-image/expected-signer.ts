import { parsePublicKey, type Trust } from '@tidegate/attest';
import { badInput, type ExpectedIdentity, exact, pattern, workflowIdentity } from '@tidegate/core';
import type { Inputs, Job } from '@tidegate/runner';
import { pemOf } from '../support/key.ts';
import { rootsOf } from '../support/trusted-root.ts';
import type { action } from './action.ts';

type SignerInputs = Pick<
  Inputs<typeof action>,
  | (typeof SUBJECTS)[number]
  | 'certificate-oidc-issuer'
  | 'source-repository'
  | 'source-ref'
  | 'source-commit'
  | 'verification-key'
  | 'trusted-root'
  | 'transparency-log'
  | 'signed-timestamp'
>;

/** Who must have signed: from inputs alone, whatever the image says of itself. */
export interface Signers {
  readonly trust: Trust;
  readonly identity?: ExpectedIdentity;
  /** PEM. */
  readonly publicKey?: string;
}

/** @throws TidegateError `bad-input` when the inputs name nobody, or somebody in two ways. */
export async function signersOf(inputs: SignerInputs, job: Job): Promise<Signers> {
  const identity = identityOf(inputs, job);
  const given = inputs['verification-key'];
  if (!identity && !given) {
    throw badInput(
      'workflow',
      '',
      'whose signature is to count',
      'Name the workflow that signs, or give certificate-identity, or a verification-key.',
    );
  }
  const publicKey = given ? await pemOf('verification-key', given, job) : undefined;
  const root = inputs['trusted-root'];
  const roots = identity || root ? await rootsOf(root, job) : undefined;
  const { 'transparency-log': log, 'signed-timestamp': timestamp } = inputs;
  for (const name of ['transparency-log', 'signed-timestamp'] as const) {
    if (roots || inputs[name] !== 'required') continue;
    throw badInput(name, inputs[name], 'a trusted-root beside it', 'Name the logs and authorities that count.');
  }
  return {
    trust: {
      publicKeys: publicKey === undefined ? [] : [parsePublicKey(publicKey)],
      ...(identity ? { identities: [identity] } : {}),
      ...(roots ? { roots, log: log || 'required', timestamp } : {}),
    },
    ...(identity ? { identity } : {}),
    ...(publicKey === undefined ? {} : { publicKey }),
  };
}

const SUBJECTS = ['workflow', 'certificate-identity', 'certificate-identity-regexp'] as const;

function identityOf(inputs: SignerInputs, job: Job): ExpectedIdentity | undefined {
  const given = SUBJECTS.filter((name) => inputs[name] !== '');
  const [way, second] = given;
  if (way === undefined) {
    if (!inputs['verification-key'] && inputs['source-ref']) {
      throw badInput('workflow', '', 'whose signature is to count', 'source-ref is held against a certificate.');
    }
    return undefined;
  }
  if (second !== undefined) {
    throw badInput(second, inputs[second], `nothing, because ${way} is given`, 'Name the signer in one way.');
  }
  const issuer = inputs['certificate-oidc-issuer'];
  if (issuer === '') throw badInput('certificate-oidc-issuer', '', 'the exact issuer', 'Leave it out for GitHub.');
  const server = job.env.GITHUB_SERVER_URL;
  const source = workflowIdentity({
    // Stands in where the subject is given another way; the source is read alike.
    workflow: way === 'workflow' ? inputs.workflow : 'any/any/.github/workflows/any.yml',
    issuer,
    ...(server ? { server } : {}),
    ...(inputs['source-repository'] ? { repository: inputs['source-repository'] } : {}),
    ...(inputs['source-ref'] ? { ref: inputs['source-ref'] } : {}),
    ...(inputs['source-commit'] ? { commit: inputs['source-commit'] } : {}),
  });
  if (way === 'workflow') return source;
  const text = inputs[way];
  return { ...source, subject: way === 'certificate-identity' ? exact(text) : pattern(text, way) };
}
