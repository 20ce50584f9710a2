export * from './signer.ts';
