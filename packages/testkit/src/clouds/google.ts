import { type CloudAnswer, type CloudRequest, type CloudService, json, jsonOf } from './request.ts';
import { type CloudTrust, type Distrust, distrust } from './trust.ts';

export interface GoogleOptions {
  readonly trust: CloudTrust;
  /** `projects/…/providers/…` */
  readonly pool: string;
  /** The account that the pool's principals may impersonate. */
  readonly serviceAccount: string;
  /** The access token that the registry accepts: of the account, and of the pool's principal. */
  readonly password: string;
}

/**
 * Security Token Service API (`v1.token`) and IAM Service Account Credentials API (`generateAccessToken`), as their
 * discovery documents and google-github-actions/auth (src/client) use them; the errors are those that users quote in
 * issues of that repository.
 */
export function googleService(options: GoogleOptions): CloudService {
  const federated = new Set<string>();
  return async (request) => {
    if (request.host === 'sts.googleapis.com' && request.path === '/v1/token')
      return exchange(request, options, federated);
    const { serviceAccount } = options;
    if (request.host !== 'iamcredentials.googleapis.com') return undefined;
    if (request.path !== `/v1/projects/-/serviceAccounts/${serviceAccount}:generateAccessToken`) return denied();
    return generate(request, options, federated);
  };
}

async function exchange(request: CloudRequest, options: GoogleOptions, federated: Set<string>): Promise<CloudAnswer> {
  const { trust, pool, password } = options;
  const body = jsonOf(request);
  if (!body || request.headers.authorization !== undefined) return invalid('Invalid request');
  if (body.grantType !== 'urn:ietf:params:oauth:grant-type:token-exchange') return invalid('Invalid grantType');
  if (body.requestedTokenType !== 'urn:ietf:params:oauth:token-type:access_token')
    return invalid('Invalid requestedTokenType');
  if (body.subjectTokenType !== 'urn:ietf:params:oauth:token-type:jwt') return invalid('Invalid subjectTokenType');
  if (typeof body.scope !== 'string' || !body.scope.startsWith('https://www.googleapis.com/auth/'))
    return invalid('Invalid scope');
  if (body.audience !== `//iam.googleapis.com/${pool}`) {
    return json(400, {
      error: 'invalid_target',
      error_description:
        'The target service indicated by the "audience" parameters is invalid. This might either be because the pool or provider is disabled or deleted or because it doesn\'t exist.',
    });
  }
  const why = await distrust(String(body.subjectToken), `https://iam.googleapis.com/${pool}`, trust).catch(
    () => 'signature' as const,
  );
  if (why) return json(why === 'subject' ? 401 : 400, REFUSED[why]);
  federated.add(password);
  return json(200, {
    access_token: password,
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    token_type: 'Bearer',
    expires_in: 3599,
  });
}

const REFUSED: Readonly<Record<Distrust, object>> = {
  issuer: { error: 'invalid_grant', error_description: 'The issuer in ID Token does not match the expected ones.' },
  signature: { error: 'invalid_grant', error_description: 'The signature of the ID Token is invalid.' },
  audience: {
    error: 'invalid_grant',
    error_description: 'The audience in ID Token does not match the expected audience.',
  },
  expired: { error: 'invalid_grant', error_description: 'ID Token is stale to sign-in.' },
  subject: {
    error: 'unauthorized_client',
    error_description: 'The given credential is rejected by the attribute condition.',
  },
};

async function generate(
  request: CloudRequest,
  { password }: GoogleOptions,
  federated: ReadonlySet<string>,
): Promise<CloudAnswer> {
  const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
  if (!federated.has(token))
    return json(401, {
      error: { code: 401, status: 'UNAUTHENTICATED', message: 'Request had invalid authentication credentials.' },
    });
  const { scope, lifetime } = jsonOf(request) ?? {};
  const seconds = Number(/^(\d+)s$/.exec(String(lifetime))?.[1]);
  if (!Array.isArray(scope) || !(seconds > 0 && seconds <= 3600))
    return json(400, {
      error: { code: 400, status: 'INVALID_ARGUMENT', message: 'Request contains an invalid argument.' },
    });
  return json(200, { accessToken: password, expireTime: '2026-11-29T13:00:00Z' });
}

function denied(): CloudAnswer {
  const message = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).";
  return json(403, { error: { code: 403, status: 'PERMISSION_DENIED', message } });
}

function invalid(description: string): CloudAnswer {
  return json(400, { error: 'invalid_request', error_description: description });
}
