import { messageOf, quoted, TidegateError } from '@tidegate/core';
import type { Credential } from './credentials.ts';

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/;
/**
 * Printed by docker's helpers, with a non-zero exit code, when they have no credentials (docker-credential-helpers,
 * errors.go).
 */
const NOT_FOUND = 'credentials not found in native keychain';

interface HelperResult {
  readonly exitCode: number;
  readonly stdout: string;
}

/** `docker-credential-<name> get`, with `input` on stdin. Never through a shell. */
export type RunCredentialHelper = (program: string, argv: readonly string[], input: string) => Promise<HelperResult>;

/**
 * @param server key of the registry in the helper's store
 * @returns undefined if it has no credentials for that registry
 * @throws TidegateError `unauthorized`; it never contains the helper's output
 */
export async function getHelperCredential(
  name: string,
  server: string,
  run: RunCredentialHelper,
): Promise<Credential | undefined> {
  const program = `docker-credential-${name}`;
  const shown = quoted(program);
  if (!NAME.test(name)) throw failed(shown, 'it is not a valid name of a credential helper');
  let result: HelperResult;
  try {
    result = await run(program, ['get'], server);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw failed(shown, missing ? 'it is not installed' : messageOf(cause), cause);
  }
  if (result.exitCode !== 0) {
    if (result.stdout.trim().includes(NOT_FOUND)) return undefined;
    throw failed(shown, `exit code ${result.exitCode}`);
  }
  // Show neither its output nor a parser error: both may contain the secret.
  let output: unknown;
  try {
    output = JSON.parse(result.stdout);
  } catch {
    throw failed(shown, 'its output is not JSON');
  }
  const { Username: username, Secret: secret } = Object(output) as Record<string, unknown>;
  if (typeof username !== 'string' || typeof secret !== 'string') throw failed(shown, 'its output contains no secret');
  if (secret === '') return undefined;
  return username === '<token>'
    ? { kind: 'identity-token', token: secret }
    : { kind: 'password', username, password: secret };
}

function failed(program: string, why: string, cause?: unknown): TidegateError {
  return new TidegateError('credential-helper-failed', `The credential helper ${program} failed: ${why}.`, {
    next: 'Run it manually to see why, or remove it from docker’s config.json and log in again.',
    cause,
  });
}
