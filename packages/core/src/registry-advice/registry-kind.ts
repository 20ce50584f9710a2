/** A registry product whose refusals need advice of their own. */
export type RegistryKind =
  | 'ghcr'
  | 'docker-hub'
  | 'ecr'
  | 'ecr-public'
  | 'google'
  | 'azure'
  | 'quay'
  | 'harbor'
  | 'gitlab'
  | 'other';

/** Hosts of the services. GitHub Enterprise Server has its registry at `containers.HOST`. */
const HOSTS: readonly (readonly [RegistryKind, RegExp])[] = [
  ['ghcr', /^ghcr\.io$|^containers\./],
  ['docker-hub', /^(?:docker\.io|index\.docker\.io|registry-1\.docker\.io|auth\.docker\.io)$/],
  ['ecr', /^\d{12}\.dkr[.-]ecr(?:-fips)?\./],
  ['ecr-public', /^public\.ecr\.aws$|^ecr-public\./],
  ['google', /(?:^|\.)gcr\.io$|\.pkg\.dev$/],
  ['azure', /\.azurecr\.(?:io|cn|us)$/],
  ['quay', /^quay\.|\.quay\./],
  ['gitlab', /^registry\.gitlab\.|gitlab/],
  ['harbor', /harbor/],
];

/**
 * Sentences that only one product writes, of those that people run themselves, at any name. A cloud's services have
 * known hosts: whoever else writes its sentences must not make us tell people what to allow there.
 */
const SENTENCES: readonly (readonly [RegistryKind, RegExp])[] = [
  ['harbor', /unauthorized to access repository: |exceed the configured upper limit|configured as immutable/],
];

/** @param host as in a reference, with an optional port */
export function registryKind(host: string, text = ''): RegistryKind {
  const name = host.toLowerCase().split(':', 1)[0] ?? '';
  const found = HOSTS.find(([, pattern]) => pattern.test(name)) ?? SENTENCES.find(([, pattern]) => pattern.test(text));
  return found?.[0] ?? 'other';
}
