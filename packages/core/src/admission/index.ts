export {
  admissionChecks,
  admitted,
  type Check,
  type Expectations,
  type RefusedFact,
  type VerifiedFact,
} from './checks.ts';
export { type ClusterPolicies, clusterPolicies } from './cluster-policies.ts';
export { type CommandOptions, cosignCommands, cosignFlags, ghCommands, notAsked, shellWord } from './commands.ts';
export {
  type CertifiedIdentity,
  type ExpectedIdentity,
  exact,
  exactIdentity,
  GITHUB_ISSUER,
  identityProblems,
  inEarlierRuns,
  inLaterRuns,
  matches,
  pattern,
  shownMatch,
  type TextMatch,
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
export {
  type SourceIdentity,
  signerIdentity,
  type WorkflowIdentity,
  workflowIdentity,
  workflowOf,
} from './workflow-identity.ts';
