import { isLoopback } from './addresses.ts';
import type { RegistryOptions } from './registry.ts';

/** Docker Hub's registry answers under another name than its images carry. */
export function registryUrl(registry: string, options: Pick<RegistryOptions, 'ca' | 'insecure'>): URL {
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
  const url = new URL(`https://${host}`);
  const local = isLoopback(url.hostname) && options.ca === undefined;
  if (local || options.insecure?.includes(registry)) return new URL(`http://${host}`);
  return url;
}
