import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, parseStrictJson, TidegateError } from '@tidegate/core';

export type Credential =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** An OAuth2 refresh token, exchanged at the registry's token service. */
  | { readonly kind: 'identity-token'; readonly token: string }
  /** A bearer token that is sent as it is. */
  | { readonly kind: 'registry-token'; readonly token: string };

/** @param registry as in a reference: `ghcr.io`, `127.0.0.1:5000`, `docker.io` */
export type CredentialSource = (registry: string) => Promise<Credential | undefined>;

/** The names one registry goes by in docker's config. Everything else must match exactly, port included. */
const HUB = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);
const HUB_KEY = 'https://index.docker.io/v1/';
const HELPER = /^[a-zA-Z0-9][a-zA-Z0-9._-]*$/;
const NOT_FOUND = 'credentials not found in native keychain';
const HELPER_PATIENCE = 60_000;
const HELPER_OUTPUT = 1024 * 1024;

export function staticCredentials(registry: string, username: string, password: string): CredentialSource {
  const wanted = canonicalHost(registry);
  return async (asked) => (canonicalHost(asked) === wanted ? { kind: 'password', username, password } : undefined);
}

/** The first source that knows the registry. */
export function firstOf(...sources: readonly CredentialSource[]): CredentialSource {
  return async (registry) => {
    for (const source of sources) {
      const found = await source(registry);
      if (found) return found;
    }
    return undefined;
  };
}

/** `docker-credential-<name> get`, with `input` on stdin. Never through a shell. */
export type HelperRun = (
  program: string,
  argv: readonly string[],
  input: string,
) => Promise<{ readonly exitCode: number; readonly stdout: string }>;

/** Credential helpers run with the environment given here: they need at least PATH, most also HOME. */
export function spawnHelper(env: Readonly<Record<string, string>>): HelperRun {
  return (program, argv, input) =>
    new Promise((resolve, reject) => {
      const child = spawn(program, argv, {
        env: { ...env },
        stdio: ['pipe', 'pipe', 'ignore'],
        timeout: HELPER_PATIENCE,
      });
      const chunks: Buffer[] = [];
      let length = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > HELPER_OUTPUT) child.kill('SIGKILL');
        else chunks.push(chunk);
      });
      child.on('error', reject);
      child.on('close', (code) => resolve({ exitCode: code ?? 128, stdout: Buffer.concat(chunks).toString('utf8') }));
      child.stdin.on('error', () => child.stdin.destroy()); // It may end without reading; its exit code tells.
      child.stdin.end(input);
    });
}

export interface DockerCredentialsOptions {
  /** Folder with config.json (DOCKER_CONFIG, or ~/.docker). */
  readonly configDir: string;
  readonly helperRun: HelperRun;
}

/**
 * What `docker login` left: credHelpers for the registry, else credsStore, else auths (docker's own order).
 * The file is read at each call, since a login may come later.
 * @throws TidegateError `unauthorized` when the file is broken or a helper fails: going on without is a worse surprise
 */
export function dockerCredentials({ configDir, helperRun }: DockerCredentialsOptions): CredentialSource {
  const path = join(configDir, 'config.json');
  return async (registry) => {
    const config = await readConfig(path);
    if (!config) return undefined;
    const host = canonicalHost(registry);
    const helper = entryFor(config.credHelpers, host) ?? config.credsStore;
    if (typeof helper === 'string' && helper !== '') {
      const found = await askHelper(helper, host === 'docker.io' ? HUB_KEY : registry, helperRun);
      if (found) return found;
    }
    return readAuth(entryFor(config.auths, host), path, registry);
  };
}

async function readConfig(path: string): Promise<Fields | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw broken(path, messageOf(cause), cause);
  }
  try {
    return fieldsOf(parseStrictJson(bytes, path)) ?? {};
  } catch (cause) {
    throw broken(path, 'it is not JSON', cause);
  }
}

async function askHelper(name: string, server: string, run: HelperRun): Promise<Credential | undefined> {
  const program = `docker-credential-${name}`;
  const shown = JSON.stringify(program.slice(0, 80));
  if (!HELPER.test(name)) throw helperFailed(shown, 'that is no name of a credential helper');
  let result: Awaited<ReturnType<HelperRun>>;
  try {
    result = await run(program, ['get'], server);
  } catch (cause) {
    throw helperFailed(shown, messageOf(cause), cause);
  }
  if (result.exitCode !== 0) {
    // The helpers' protocol says "not found" on stdout and with a failing exit.
    if (result.stdout.trim().includes(NOT_FOUND)) return undefined;
    throw helperFailed(shown, `it ended with exit code ${result.exitCode}`);
  }
  // Neither its output nor a parser's complaint about it may be shown: both can hold the secret.
  let answer: Fields | undefined;
  try {
    answer = fieldsOf(JSON.parse(result.stdout));
  } catch {
    throw helperFailed(shown, 'its answer is not JSON');
  }
  const username = answer?.Username;
  const secret = answer?.Secret;
  if (typeof username !== 'string' || typeof secret !== 'string') throw helperFailed(shown, 'its answer has no secret');
  if (secret === '') return undefined;
  return username === '<token>'
    ? { kind: 'identity-token', token: secret }
    : { kind: 'password', username, password: secret };
}

function readAuth(entry: unknown, path: string, registry: string): Credential | undefined {
  const fields = fieldsOf(entry);
  if (!fields) return undefined;
  const text = (name: string): string | undefined => {
    const value = fields[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const registryToken = text('registrytoken');
  if (registryToken !== undefined) return { kind: 'registry-token', token: registryToken };
  const identityToken = text('identitytoken');
  if (identityToken !== undefined) return { kind: 'identity-token', token: identityToken };
  const auth = text('auth');
  if (auth !== undefined) {
    const decoded = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '');
    const colon = decoded.indexOf(':');
    if (colon <= 0) throw broken(path, `the entry for ${registry} is not base64 of user:password`);
    return { kind: 'password', username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
  }
  const username = text('username');
  const password = text('password');
  return username !== undefined && password !== undefined ? { kind: 'password', username, password } : undefined;
}

/** Keys are hosts, or URLs of a registry's root as old clients wrote them. A key with any other path is another's. */
function entryFor(table: unknown, host: string): unknown {
  for (const [key, value] of Object.entries(fieldsOf(table) ?? {})) {
    const [, name] = /^(?:https?:\/\/)?([^/]+)(?:\/(?:v[12]\/?)?)?$/.exec(key) ?? [];
    if (name !== undefined && canonicalHost(name) === host) return value;
  }
  return undefined;
}

function canonicalHost(host: string): string {
  const lower = host.toLowerCase();
  return HUB.has(lower) ? 'docker.io' : lower;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

function broken(path: string, why: string, cause?: unknown): TidegateError {
  return new TidegateError('unauthorized', `The credentials in ${path} cannot be read: ${why}.`, {
    next: 'Log in again with docker login, or give username and password as inputs.',
    cause,
  });
}

function helperFailed(program: string, why: string, cause?: unknown): TidegateError {
  return new TidegateError('unauthorized', `The credential helper ${program} failed: ${why}.`, {
    next: 'Run it by hand, or remove it from docker’s config.json and log in again.',
    cause,
  });
}
