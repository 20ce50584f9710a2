export { canonicalJson } from './canonical.ts';
export {
  MAX_POLICY_DOCUMENT_BYTES,
  POLICY_DOCUMENT_FORMAT,
  type PolicyDocument,
  policyDocument,
  readPolicyDocument,
} from './document.ts';
