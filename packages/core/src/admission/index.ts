export type { Check, Expectations, RefusedFact, VerifiedFact } from './check.ts';
export { admissionChecks, admitted } from './checks.ts';
export { type ClusterPolicies, clusterPolicies } from './cluster-policies.ts';
export { cosignCommands, notAsked } from './commands.ts';
export {
  type CertifiedIdentity,
  type ExpectedIdentity,
  exact,
  exactIdentity,
  identityProblems,
  inEarlierRuns,
  inLaterRuns,
  pattern,
} from './identity.ts';
export { kyvernoPolicy } from './kyverno.ts';
export { clusterImagePolicy } from './policy-controller.ts';
export type { Admission, ExpectedSigner } from './signer.ts';
export { admissionMarkdown, verificationMarkdown, verificationTable } from './summary.ts';
export { type SourceIdentity, signerIdentity, workflowIdentity } from './workflow-identity.ts';
