/**
 * What a program may know of the environment: where things are, how to reach the network, which language to speak.
 * Everything else stays behind; INPUT_*, ACTIONS_*, GITHUB_TOKEN and the user's own secrets are in "everything else".
 */
const PASSED = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'TZ',
  'LANG',
  'LANGUAGE',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
  'XDG_CACHE_HOME',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_STATE_HOME',
  'XDG_RUNTIME_DIR',
]);

/**
 * The environment for a child: the few variables above, those named in `also` (`DOCKER_CONFIG` for a program that
 * pulls, `SSH_AUTH_SOCK` for one that is to use the agent) where they are set, then `extra`.
 */
export function childEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  extra: Readonly<Record<string, string>> = {},
  also: readonly string[] = [],
): Record<string, string> {
  const child: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && (PASSED.has(name) || name.startsWith('LC_') || also.includes(name))) child[name] = value;
  }
  return { ...child, ...extra };
}
