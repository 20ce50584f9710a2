import { readTrustedRoots, type SigstoreRoots } from './trusted-root.ts';

/** The roots of Sigstore's public good instance, as built in: see `PUBLIC_GOOD_ROOT`. */
export async function publicGoodRoots(): Promise<SigstoreRoots> {
  // Loaded lazily: 10 KB that are needed only for keyless verification without a custom root.
  const { PUBLIC_GOOD_ROOT } = await import('./public-good-root.ts');
  return readTrustedRoots(Buffer.from(JSON.stringify(PUBLIC_GOOD_ROOT)), 'of the public good instance');
}
