export { sensitivePath } from './files.ts';
export { credentialsIn, type FoundCredential } from './find.ts';
export { isSecretName, isSecretValue } from './names.ts';
