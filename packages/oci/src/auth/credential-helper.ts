import { messageOf, TidegateError } from '@tidegate/core';
import type { Credential } from './credentials.ts';

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/;
/** What docker's helpers print, with a failing exit, where they know nothing (docker-credential-helpers, errors.go). */
const NOT_FOUND = 'credentials not found in native keychain';

interface HelperResult {
  readonly exitCode: number;
  readonly stdout: string;
}

/** `docker-credential-<name> get`, with `input` on stdin. Never through a shell. */
export type RunCredentialHelper = (program: string, argv: readonly string[], input: string) => Promise<HelperResult>;

/**
 * @param server what the helper knows the registry by
 * @returns undefined where it knows nothing of that registry
 * @throws TidegateError `unauthorized`, which repeats nothing of what the helper printed
 */
export async function getHelperCredential(
  name: string,
  server: string,
  run: RunCredentialHelper,
): Promise<Credential | undefined> {
  const program = `docker-credential-${name}`;
  const shown = JSON.stringify(program.slice(0, 80));
  if (!NAME.test(name)) throw failed(shown, 'that is no name of a credential helper');
  let result: HelperResult;
  try {
    result = await run(program, ['get'], server);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw failed(shown, missing ? 'it is not installed' : messageOf(cause), cause);
  }
  if (result.exitCode !== 0) {
    if (result.stdout.trim().includes(NOT_FOUND)) return undefined;
    throw failed(shown, `it ended with exit code ${result.exitCode}`);
  }
  // Neither its output nor a parser's complaint about it may be shown: both can hold the secret.
  let answer: unknown;
  try {
    answer = JSON.parse(result.stdout);
  } catch {
    throw failed(shown, 'its answer is not JSON');
  }
  const { Username: username, Secret: secret } = Object(answer) as Record<string, unknown>;
  if (typeof username !== 'string' || typeof secret !== 'string') throw failed(shown, 'its answer has no secret');
  if (secret === '') return undefined;
  return username === '<token>'
    ? { kind: 'identity-token', token: secret }
    : { kind: 'password', username, password: secret };
}

function failed(program: string, why: string, cause?: unknown): TidegateError {
  return new TidegateError('unauthorized', `The credential helper ${program} failed: ${why}.`, {
    next: 'Run it by hand, or remove it from docker’s config.json and log in again.',
    cause,
  });
}
