export { sensitivePath } from './files.ts';
export { credentialsIn, type FoundCredential } from './find.ts';
export { isFilledIn, isReference, isSecretName, isSecretValue } from './names.ts';
export { type NamedValue, secretPairs } from './pairs.ts';
export { isPlaceholder } from './placeholders.ts';
export { type GradedCredential, gradedCredentialsIn, realCredentialsIn } from './real.ts';
