import { readTrustedRoots, type SigstoreRoots } from './trusted-root.ts';

/** The roots of Sigstore's public good instance, as built in: see `PUBLIC_GOOD_ROOT`. */
export async function publicGoodRoots(): Promise<SigstoreRoots> {
  // 10 KB that only who verifies keyless signatures without a root of their own needs.
  const { PUBLIC_GOOD_ROOT } = await import('./public-good-root.ts');
  return readTrustedRoots(Buffer.from(JSON.stringify(PUBLIC_GOOD_ROOT)), 'of the public good instance');
}
