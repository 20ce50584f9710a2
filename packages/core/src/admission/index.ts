export {
  type CertifiedIdentity,
  type ExpectedIdentity,
  exact,
  GITHUB_ISSUER,
  identityProblems,
  pattern,
  shownMatch,
  type TextMatch,
  type WorkflowIdentity,
  workflowIdentity,
} from './identity.ts';
