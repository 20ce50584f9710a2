import { action as verify } from '../../../actions/verify-image/action.ts';

const { inputs } = verify;

/** Whose evidence counts: the inputs of verify-image that name a signer. */
export const signerFlags = {
  workflow: inputs.workflow,
  'source-repository': inputs['source-repository'],
  'source-repository-id': inputs['source-repository-id'],
  'source-ref': inputs['source-ref'],
  'source-commit': inputs['source-commit'],
  'runner-environment': inputs['runner-environment'],
  'certificate-identity': inputs['certificate-identity'],
  'certificate-identity-regexp': inputs['certificate-identity-regexp'],
  'certificate-oidc-issuer': inputs['certificate-oidc-issuer'],
  'verification-key': inputs['verification-key'],
  'trusted-root': inputs['trusted-root'],
  'transparency-log': inputs['transparency-log'],
  'signed-timestamp': inputs['signed-timestamp'],
} as const;
