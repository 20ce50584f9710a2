/**
 * The settings of buildkitd.toml that a workflow may choose, and the file that the daemon gets. The file is always
 * written from these fields: text of the user never reaches the daemon unread.
 * Format: https://github.com/moby/buildkit/blob/master/docs/buildkitd.toml.md
 */
export interface BuildkitConfig {
  readonly registries: readonly RegistrySettings[];
  /** Settings of `[worker.oci]`. */
  readonly worker: Readonly<Record<string, TomlValue>>;
  /** Settings of `[dns]`, for RUN steps. */
  readonly dns?: Readonly<Record<string, TomlValue>> | undefined;
}

export interface RegistrySettings {
  /** `HOST` or `HOST:PORT`; `docker.io` for Docker Hub. */
  readonly host: string;
  /** `HOST[:PORT][/PATH]`, tried in order before the registry itself. */
  readonly mirrors: readonly string[];
  /** Certificates in PEM, in addition to those of the machine: the content of files, which the daemon gets as copies. */
  readonly ca: readonly string[];
  /** Without TLS. */
  readonly http?: boolean | undefined;
  /** With TLS, but without a check of the certificate. */
  readonly insecure?: boolean | undefined;
}

export type TomlValue = string | number | boolean | readonly string[];

export const NO_CONFIG: BuildkitConfig = { registries: [], worker: {} };

/** @param saved saves a certificate for the daemon and returns its path */
export async function daemonToml(
  { registries, worker, dns = {} }: BuildkitConfig,
  saved: (certificate: string) => Promise<string>,
): Promise<string> {
  const tables = [table('worker.oci', worker), table('dns', dns)];
  for (const { host, mirrors, ca, http, insecure } of registries) {
    const files = await Promise.all(ca.map(saved));
    tables.push(table(`registry.${JSON.stringify(host)}`, { mirrors, ca: files, http, insecure }));
  }
  return tables.join('');
}

function table(name: string, values: Readonly<Record<string, TomlValue | undefined>>): string {
  // JSON strings, numbers, booleans and lists of strings are also valid TOML.
  const lines = Object.entries(values).flatMap(([key, value]) =>
    value === undefined || (Array.isArray(value) && value.length === 0) ? [] : [`${key} = ${JSON.stringify(value)}`],
  );
  return lines.length === 0 ? '' : `[${name}]\n${lines.join('\n')}\n`;
}
