export { sensitivePath } from './files.ts';
export { isFilledIn, isSecretName, isSecretValue } from './names.ts';
export { secretPairs } from './pairs.ts';
export { gradedCredentialsIn } from './real.ts';
