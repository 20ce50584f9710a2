export { canonicalJson } from './canonical.ts';
export { MAX_POLICY_DOCUMENT_BYTES, type PolicyDocument, policyDocument, readPolicyDocument } from './document.ts';
