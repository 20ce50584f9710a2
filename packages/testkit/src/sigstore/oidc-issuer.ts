import { generateKeyPairSync, sign } from 'node:crypto';
import { answerJson, serveLoopback } from '../network/loopback.ts';

export type OidcClaims = Readonly<Record<string, string | number | boolean>>;

export interface OidcIssuer extends AsyncDisposable {
  /** Without a trailing slash: the token's `iss`. */
  readonly url: string;
  /** The values of ACTIONS_ID_TOKEN_REQUEST_URL and _TOKEN on a runner. */
  readonly requestUrl: string;
  readonly requestToken: string;
  /** Audiences of the tokens that were requested at `requestUrl`, in order. */
  readonly requests: readonly string[];
  /** The tokens that were issued for them. */
  readonly issued: readonly string[];
  /** A token as from `requestUrl`. `claims` override GitHub's; an undefined claim is removed. */
  token(audience: string, claims?: Readonly<Record<string, string | number | boolean | undefined>>): string;
  /** Changes the claims of all later tokens. */
  claim(claims: Readonly<Record<string, string | number | boolean | undefined>>): void;
}

/** GitHub's claims for a push to main of a public repository on a GitHub-hosted runner. */
export const GITHUB_CLAIMS: OidcClaims = {
  sub: 'repo:octo-org/octo-app:ref:refs/heads/main',
  actor: 'octocat',
  actor_id: '583231',
  base_ref: '',
  event_name: 'push',
  head_ref: '',
  job_workflow_ref: 'octo-org/octo-app/.github/workflows/release.yml@refs/heads/main',
  job_workflow_sha: '9f1c0de2b5a64c1d8f6e3a7b2c4d5e6f70819203',
  ref: 'refs/heads/main',
  ref_protected: 'true',
  ref_type: 'branch',
  repository: 'octo-org/octo-app',
  repository_id: '1296269',
  repository_owner: 'octo-org',
  repository_owner_id: '9919',
  repository_visibility: 'public',
  run_attempt: '1',
  run_id: '7000000001',
  run_number: '42',
  runner_environment: 'github-hosted',
  sha: '9f1c0de2b5a64c1d8f6e3a7b2c4d5e6f70819203',
  workflow: 'release',
  workflow_ref: 'octo-org/octo-app/.github/workflows/release.yml@refs/heads/main',
  workflow_sha: '9f1c0de2b5a64c1d8f6e3a7b2c4d5e6f70819203',
};

/**
 * GitLab's claims for a job of a push to main (https://docs.gitlab.com/ci/secrets/id_token_authentication/): those that
 * Fulcio's `gitlab-pipeline` reads.
 */
export const GITLAB_CLAIMS: OidcClaims = {
  sub: 'project_path:acme/app:ref_type:branch:ref:main',
  project_id: '20',
  project_path: 'acme/app',
  project_visibility: 'public',
  namespace_id: '9',
  namespace_path: 'acme',
  user_login: 'jane',
  pipeline_id: '123',
  pipeline_source: 'push',
  job_id: '4567',
  ref: 'main',
  ref_type: 'branch',
  ref_protected: 'true',
  ref_path: 'refs/heads/main',
  runner_id: 1,
  runner_environment: 'gitlab-hosted',
  sha: '9f1c0de2b5a64c1d8f6e3a7b2c4d5e6f70819203',
  ci_config_ref_uri: 'gitlab.com/acme/app//.gitlab-ci.yml@refs/heads/main',
  ci_config_sha: '9f1c0de2b5a64c1d8f6e3a7b2c4d5e6f70819203',
};

const LIFETIME_S = 300;
const KEY_ID = 'loopback-1';

/**
 * An OpenID Connect issuer on loopback that behaves like GitHub's: discovery, keys, and the endpoint at which a job
 * requests its token.
 */
export async function startOidcIssuer(claims: OidcClaims = {}, base = GITHUB_CLAIMS): Promise<OidcIssuer> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: KEY_ID, use: 'sig', alg: 'RS256' };
  const requestToken = `request-token-${publicKey.export({ type: 'spki', format: 'der' }).toString('hex').slice(-48)}`;
  const requests: string[] = [];
  const issued: string[] = [];
  let said: Record<string, string | number | boolean | undefined> = { ...base, ...claims };
  let url = '';

  const token: OidcIssuer['token'] = (audience, own = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const times = { nbf: now - 5, iat: now, exp: now + LIFETIME_S };
    const payload = { ...said, iss: url, aud: audience, jti: `${now}-${requests.length}`, ...times, ...own };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'RS256', typ: 'JWT', kid: KEY_ID })}.${part(payload)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
  };

  const server = await serveLoopback(async (request, response, { pathname, searchParams }) => {
    switch (pathname) {
      case '/.well-known/openid-configuration':
        return answerJson(response, 200, {
          issuer: url,
          jwks_uri: `${url}/.well-known/jwks`,
          response_types_supported: ['id_token'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
          scopes_supported: ['openid'],
        });
      case '/.well-known/jwks':
        return answerJson(response, 200, { keys: [jwk] });
      case '/token': {
        if (request.headers.authorization?.toLowerCase() !== `bearer ${requestToken}`) {
          return answerJson(response, 401, { message: 'no such job' });
        }
        const audience = searchParams.get('audience') ?? 'https://github.com/octo-org';
        requests.push(audience);
        const value = token(audience);
        issued.push(value);
        return answerJson(response, 200, { value });
      }
      default:
        return answerJson(response, 404, { message: 'not found' });
    }
  });
  url = server.url.replace(/\/$/, '');
  return {
    url,
    requestUrl: `${url}/token?api-version=2.0`,
    requestToken,
    requests,
    issued,
    token,
    claim(more) {
      said = { ...said, ...more };
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
