export {
  admissionChecks,
  admitted,
  type Check,
  type Expectations,
  type RefusedFact,
  type VerifiedFact,
} from './checks.ts';
export {
  type CommandOptions,
  cosignCommands,
  cosignFlags,
  ghCommand,
  shellWord,
  slsaVerifierCommands,
} from './commands.ts';
export {
  type CertifiedIdentity,
  type ExpectedIdentity,
  exact,
  GITHUB_ISSUER,
  identityProblems,
  matches,
  pattern,
  shownMatch,
  type TextMatch,
  type WorkflowIdentity,
  workflowIdentity,
} from './identity.ts';
export { kyvernoPolicy } from './kyverno.ts';
export { clusterImagePolicy } from './policy-controller.ts';
export type { Admission, ExpectedSigner } from './signer.ts';
export {
  admissionMarkdown,
  type VerificationFacts,
  verificationMarkdown,
  verificationTable,
} from './summary.ts';
