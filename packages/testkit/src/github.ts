/**
 * A fake GitHub, on loopback: the job's OIDC token endpoint with its issuer, and the few API calls the suite makes. It
 * stands in for the real one as far as a job can tell; it checks no permission and proves nothing about GitHub.
 */
import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { answerJson, type Loopback, serveLoopback } from './loopback.ts';

export interface GitHubOptions {
  /** `owner/name`. */
  readonly repository: string;
  readonly defaultBranch?: string;
  /** Claims of the token besides issuer, audience and times: `job_workflow_ref`, `ref`, `sha`, … */
  readonly claims?: Readonly<Record<string, string>>;
  /** Seconds since 1970. */
  readonly now?: () => number;
}

export interface FakeGitHub extends Loopback {
  /** What the runner puts into a job's environment: pass it with `env`. */
  readonly env: Readonly<Record<string, string>>;
  /** Issuer of the tokens: serves its discovery document and keys. */
  readonly issuer: string;
  /** Audiences that tokens were asked for, in order. */
  readonly audiences: readonly string[];
}

export async function startGitHub(options: GitHubOptions): Promise<FakeGitHub> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const requestToken = randomBytes(16).toString('hex');
  const now = options.now ?? (() => Math.floor(Date.now() / 1000));
  const audiences: string[] = [];
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'fake', use: 'sig', alg: 'RS256' };
  let issuer = '';

  const server = await serveLoopback(async (request, response, url) => {
    switch (url.pathname) {
      case '/oidc/token': {
        if (request.headers.authorization !== `Bearer ${requestToken}`) return answerJson(response, 401, {});
        const audience = url.searchParams.get('audience') ?? options.repository;
        audiences.push(audience);
        const iat = now();
        const claims = { iss: issuer, aud: audience, iat, nbf: iat, exp: iat + 300, ...options.claims };
        return answerJson(response, 200, { value: sign({ alg: 'RS256', kid: 'fake' }, claims) });
      }
      case '/oidc/.well-known/openid-configuration':
        return answerJson(response, 200, { issuer, jwks_uri: `${issuer}/.well-known/jwks` });
      case '/oidc/.well-known/jwks':
        return answerJson(response, 200, { keys: [key] });
      case `/api/repos/${options.repository}`:
        return answerJson(response, 200, {
          full_name: options.repository,
          default_branch: options.defaultBranch ?? 'main',
        });
      default:
        return answerJson(response, 404, { message: 'Not Found' });
    }
  });
  issuer = `${server.url}oidc`;

  function sign(header: object, claims: object): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part(header)}.${part(claims)}`;
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
  }

  return {
    ...server,
    issuer,
    audiences,
    env: {
      GITHUB_API_URL: `${server.url}api`,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
    },
  };
}
