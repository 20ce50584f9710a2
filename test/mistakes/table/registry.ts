/** The registry that the image is published to. */
import { type DestinationRegistry, denied, deniesWrites, type Mistake } from '../mistake.ts';

const LOGIN = { 'registry-username': 'octocat', 'registry-password': 'dG9rZW4tb2YtdGhlLXRlc3Q' };

const push = (
  name: string,
  registry: DestinationRegistry,
  more: Partial<Mistake> & Pick<Mistake, 'sees'>,
): Mistake => ({
  name,
  action: 'push-image',
  after: 'signed',
  registry,
  ...more,
  inputs: { 'verification-key': '{public-key}', ...more.inputs },
});
const answers = (status: number, code: string, message: string): DestinationRegistry => ({
  fault: () => denied(status, code, message),
});

export const REGISTRY: readonly Mistake[] = [
  push(
    'did not log in',
    { auth: { kind: 'token', username: 'octocat', password: 'right' } },
    {
      sees: {
        error: 'registry-denied',
        says: /rejected a request without credentials: it responded with 401.* — Log in to /,
      },
    },
  ),
  push(
    'logged in with a wrong password',
    { auth: { kind: 'token', username: 'octocat', password: 'right' } },
    {
      inputs: LOGIN,
      sees: {
        error: 'registry-denied',
        says: /rejected the credentials: it responded with 401.* — .*registry-password/,
      },
    },
  ),
  push(
    'logged in with an account password where a token is required',
    { auth: { kind: 'basic', username: 'octocat', password: 'right' } },
    {
      inputs: LOGIN,
      sees: { error: 'registry-denied', says: /the registry responded with 401.* — .*registry-password/ },
    },
  ),
  push('gave the job no packages: write', deniesWrites(denied(403, 'DENIED', 'permission_denied: write_package')), {
    sees: {
      error: 'registry-denied',
      says: /the registry responded with 403 \(DENIED: permission_denied: write_package\)\. — /,
    },
  }),
  push(
    'gave the repository no access to the package',
    deniesWrites(denied(403, 'DENIED', 'installation not allowed to Create organization package')),
    {
      sees: {
        error: 'registry-denied',
        says: /the registry responded with 403 \(DENIED: installation not allowed .*\)\. — /,
      },
    },
  ),
  push(
    'logged in with a token that may only read',
    deniesWrites(denied(401, 'UNAUTHORIZED', 'access token has insufficient scopes')),
    {
      inputs: LOGIN,
      sees: {
        error: 'registry-denied',
        says: /the registry responded with 401 \(UNAUTHORIZED: access token has insufficient scopes\)\. — /,
      },
    },
  ),
  push(
    'pushes to a repository that does not exist',
    answers(
      404,
      'NAME_UNKNOWN',
      "The repository with name 'acme/app' does not exist in the registry with id '123456789012'",
    ),
    {
      sees: {
        error: 'registry-not-found',
        says: /the registry responded with 404 \(NAME_UNKNOWN: .*does not exist.*\)\. — .*[Cc]reate/,
      },
    },
  ),
  push(
    'pushes a tag that the registry does not let change',
    {
      fault: ({ method, url }) =>
        method === 'PUT' && /\/manifests\/main$/.test(url)
          ? denied(
              400,
              'TAG_INVALID',
              "The image tag 'main' already exists in the 'acme/app' repository and cannot be overwritten because the tag is immutable.",
            )
          : undefined,
    },
    { sees: { error: 'registry-failed', says: /main.* 400 \(TAG_INVALID: .*immutable\.\)/ } },
  ),
  push(
    'has no storage quota left',
    deniesWrites(
      denied(
        403,
        'DENIED',
        'adding 4.3 MiB of storage resource, which when updated to current usage of 1.0 GiB will exceed the configured upper limit of 1.0 GiB.',
      ),
    ),
    {
      sees: {
        error: 'registry-denied',
        says: /the registry responded with 403 \(DENIED: .*exceed the configured upper limit.*\)\. — .*(quota|storage|space)/,
      },
    },
  ),
  push(
    'pushes more often than the registry allows',
    answers(429, 'TOOMANYREQUESTS', 'retry-after: 1ms, allowed: 44000/minute'),
    {
      sees: { error: 'registry-failed', says: /the registry responded with 429.* — Log in, or try again later/ },
    },
  ),
  push('pushes while the registry is down', answers(503, 'UNAVAILABLE', 'service unavailable'), {
    sees: { error: 'registry-failed', says: /the registry responded with 503.* — Try again later/ },
  }),
  push(
    'pushes to a host that does not exist',
    {},
    {
      inputs: { image: 'registry.invalid/acme/app' },
      sees: {
        error: 'registry-unreachable',
        says: /^registry\.invalid\/acme\/app: .*the host name cannot be resolved \(ENOTFOUND\)\. — Check the spelling of registry\.invalid/,
      },
    },
  ),
  push(
    'pushes to a port at which nothing listens',
    {},
    {
      inputs: { image: '127.0.0.1:9/acme/app' },
      sees: {
        error: 'registry-unreachable',
        says: /^127\.0\.0\.1:9\/acme\/app: .*the connection was refused \(ECONNREFUSED\)\. — Check the port of 127\.0\.0\.1:9/,
      },
    },
  ),
  push(
    'pushes to a web site',
    {
      fault: () => ({
        kind: 'answer',
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: '<!doctype html><title>Sign in</title>',
      }),
    },
    { sees: { error: 'registry-failed', says: /the registry responded with 200/ } },
  ),
  push(
    'pushes over plain HTTP without insecure-registries',
    {},
    {
      inputs: { image: 'registry.example.test/acme/app' },
      env: { HTTPS_PROXY: '{plain-proxy}' },
      sees: {
        error: 'registry-unreachable',
        says: /it responds without TLS, like a plain HTTP server \(wrong version number\)\. — If registry\.example\.test is a registry without TLS, add it to the input insecure-registries\./,
      },
    },
  ),
  push(
    'pushes to a registry with a certificate of its own',
    {},
    {
      inputs: { image: 'registry.example.test/acme/app' },
      env: { HTTPS_PROXY: '{tls-proxy}' },
      sees: {
        error: 'registry-unreachable',
        says: /the authority of its certificate is not trusted here \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)\. — Set SSL_CERT_FILE/,
      },
    },
  ),
  push(
    'uses a proxy that does not exist',
    {},
    {
      inputs: { image: 'registry.example.test/acme/app' },
      env: { HTTPS_PROXY: 'http://127.0.0.1:9' },
      sees: {
        error: 'registry-unreachable',
        says: /the connection was refused \(ECONNREFUSED\)\. — .*the proxy of this runner/,
      },
    },
  ),
  push(
    'uses a registry behind a device that changes layers',
    {
      fault: ({ method, url }) =>
        method === 'GET' && /\/manifests\/sha256:/.test(url) ? { kind: 'flip-bit', at: 40 } : undefined,
    },
    { sees: { error: 'content-damaged', says: /./ } },
  ),
];
