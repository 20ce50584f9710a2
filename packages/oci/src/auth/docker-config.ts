import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord, messageOf, parseStrictJson, TidegateError, withoutEnd } from '@tidegate/core';
import { readAll } from '../verified.ts';
import { getHelperCredential, type RunCredentialHelper } from './credential-helper.ts';
import { type Credential, type CredentialSource, canonicalHost } from './credentials.ts';

/** Docker's own key for Docker Hub, in config.json and in credential helpers. */
const HUB_KEY = 'https://index.docker.io/v1/';
const CONFIG_LIMIT = 1024 * 1024;

export interface DockerCredentialsOptions {
  /** Folder with config.json (DOCKER_CONFIG, or ~/.docker). */
  readonly configDir: string;
  readonly helperRun: RunCredentialHelper;
}

/**
 * Credentials saved by `docker login`: credHelpers for the registry, else credsStore, else auths (docker's own order).
 * The file is read at each call, because a login may happen later.
 * @throws TidegateError `unauthorized` when the file is invalid or a helper fails: continuing without credentials would
 * hide the cause
 */
export function dockerCredentials({ configDir, helperRun }: DockerCredentialsOptions): CredentialSource {
  const path = join(configDir, 'config.json');
  return async (registry) => {
    const config = await readConfig(path);
    if (!config) return undefined;
    const host = canonicalHost(registry);
    const helper = entryFor(config.credHelpers, host) ?? config.credsStore;
    if (typeof helper === 'string' && helper !== '') {
      const found = await getHelperCredential(helper, host === 'docker.io' ? HUB_KEY : registry, helperRun);
      if (found) return found;
    }
    return readAuth(entryFor(config.auths, host), path, registry);
  };
}

async function readConfig(path: string): Promise<Fields | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readPlainFile(path);
  } catch (cause) {
    // HOME, or the folder in it, may be a file: then there is no login.
    if (['ENOENT', 'ENOTDIR'].includes(`${(cause as NodeJS.ErrnoException).code}`)) return undefined;
    throw broken(path, messageOf(cause), cause);
  }
  let fields: Fields | undefined;
  try {
    fields = fieldsOf(parseStrictJson(bytes, path));
  } catch (cause) {
    // Do not show the parser's message: it may quote a secret.
    throw broken(path, cause instanceof TidegateError ? cause.message : 'it is not JSON');
  }
  if (!fields) throw broken(path, 'it is not an object');
  return fields;
}

/**
 * Read a regular file. Symbolic links are followed, because users keep the file elsewhere; a FIFO would block, and
 * /dev/zero never ends.
 */
async function readPlainFile(path: string): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new Error('it is not a regular file');
    if (found.size > CONFIG_LIMIT) throw new Error(`it is larger than ${CONFIG_LIMIT} bytes`);
    return await readAll(file.createReadStream({ autoClose: false }), CONFIG_LIMIT, path);
  } finally {
    await file.close();
  }
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
    const decoded = withoutEnd(Buffer.from(auth, 'base64').toString('utf8'), '\0');
    const colon = decoded.indexOf(':');
    if (colon <= 0 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(auth)) {
      throw broken(path, `the entry for ${registry} is not base64 of user:password`);
    }
    return { kind: 'password', username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
  }
  const username = text('username');
  const password = text('password');
  return username !== undefined && password !== undefined ? { kind: 'password', username, password } : undefined;
}

/**
 * Keys are hosts, or URLs of a registry's root as old clients wrote them. A key with any other path is not a login:
 * docker keeps `https://index.docker.io/v1/access-token` beside it. The key that docker would use wins.
 */
function entryFor(table: unknown, host: string): unknown {
  let found: { readonly value: unknown; readonly rank: number } | undefined;
  for (const [key, value] of Object.entries(fieldsOf(table) ?? {})) {
    const [, name] = /^(?:https?:\/\/)?([^/]+)(?:\/(?:v[12]\/?)?)?$/.exec(key) ?? [];
    if (name === undefined || canonicalHost(name) !== host) continue;
    const rank = key === HUB_KEY ? 2 : key === host ? 1 : 0;
    if (!found || rank > found.rank) found = { value, rank };
  }
  return found?.value;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields | undefined {
  return isRecord(value) ? (value as Fields) : undefined;
}

function broken(path: string, why: string, cause?: unknown): TidegateError {
  return new TidegateError('docker-config-unreadable', `Cannot read the credentials in ${path}: ${why}.`, {
    next: 'Log in again with docker login, or set username and password as inputs.',
    cause,
  });
}
