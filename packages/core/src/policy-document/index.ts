export { MAX_POLICY_DOCUMENT_BYTES, type PolicyDocument, policyDocument, readPolicyDocument } from './document.ts';
