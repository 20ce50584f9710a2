import { type IdentityExchange, parseFields, type TokenRequest } from './exchange.ts';
import type { RegistryIdentity } from './identity.ts';
import { type Issued, lifetime } from './issued.ts';

type GoogleIdentity = Extract<RegistryIdentity, { provider: 'google' }>;

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
/** Seconds. The maximum without an organization policy is 3600. */
const LIFETIME = 3600;

/**
 * Security Token Service API, `v1.token`, then, with a service account, IAM Service Account Credentials API,
 * `generateAccessToken`. Access boundaries exist for Cloud Storage only, so the token is not limited to a repository.
 */
export async function googleCredentials(identity: GoogleIdentity, exchange: IdentityExchange): Promise<Issued> {
  const { pool, serviceAccount } = identity;
  const audience = `//iam.googleapis.com/${pool}`;
  const federated = await exchange.fields({
    url: new URL('https://sts.googleapis.com/v1/token'),
    body: {
      audience,
      grantType: 'urn:ietf:params:oauth:grant-type:token-exchange',
      requestedTokenType: 'urn:ietf:params:oauth:token-type:access_token',
      scope: SCOPE,
      subjectTokenType: 'urn:ietf:params:oauth:token-type:jwt',
      // The audience that a provider accepts without `allowed-audiences`.
      subjectToken: await exchange.jobToken(`https:${audience}`),
    },
    reason: oauthReason,
    advice: (reported) => stsAdvice(reported, pool),
  });
  const token = exchange.secret(federated.access_token, 'sts.googleapis.com');
  if (serviceAccount === undefined) return issued(token, lifetime(federated.expires_in, LIFETIME));
  const generated = await exchange.fields({
    url: new URL(
      `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${serviceAccount}:generateAccessToken`,
    ),
    headers: { authorization: `Bearer ${token}` },
    body: { scope: [SCOPE], lifetime: `${LIFETIME}s` },
    reason: apiReason,
    advice: () =>
      `Grant roles/iam.workloadIdentityUser on ${serviceAccount} to the principals of this repository in the pool, and enable the API iamcredentials.googleapis.com.`,
  });
  return issued(exchange.secret(generated.accessToken, 'iamcredentials.googleapis.com'), LIFETIME);
}

/** Artifact Registry documentation, "Access token". */
function issued(password: string, seconds: number): Issued {
  return { credential: { kind: 'password', username: 'oauth2accesstoken', password }, seconds };
}

function stsAdvice(reported: string, pool: string): string {
  if (/attribute condition/i.test(reported)) {
    return `In the attribute condition of ${pool}, allow this subject, or the repository of this workflow.`;
  }
  if (/audience/i.test(reported) && !reported.startsWith('invalid_target')) {
    return `Remove the allowed audiences of ${pool}, or add https://iam.googleapis.com/${pool} to them.`;
  }
  if (/expired|stale/i.test(reported)) return 'Run the job again. If it still fails, correct the clock of this runner.';
  return `Check that ${pool} exists, is enabled, and has the issuer https://token.actions.githubusercontent.com.`;
}

/** RFC 6749, 5.2. */
export function oauthReason(body: string): string {
  const { error, error_description: description } = parseFields(body) ?? {};
  return [error, description].filter((part) => typeof part === 'string').join(': ');
}

const apiReason: TokenRequest['reason'] = (body) => {
  const { status, message } = Object(parseFields(body)?.error) as Record<string, unknown>;
  return [status, message].filter((part) => typeof part === 'string').join(': ');
};
