import { type IdentityExchange, parseFields } from './exchange.ts';
import { oauthReason } from './google.ts';
import type { IdentityScope, RegistryIdentity } from './identity.ts';
import type { Issued } from './issued.ts';

type HubIdentity = Extract<RegistryIdentity, { provider: 'docker-hub' }>;

const SERVICE = 'https://identity.docker.com';
/** A push requests a new token in time; a build cannot. 300 to 3600 are allowed. Seconds. */
const LIFETIME = { push: 900, build: 3600 };

/**
 * The exchange of docker/oidc-action (src/main.ts) and docker/login-action (src/dockerhub.ts, since 4.5.0); Docker's
 * documentation, "OIDC connections", names these actions only. The connection's ruleset decides on repositories.
 */
export async function dockerHubCredentials(
  { organization, connection }: HubIdentity,
  { pull }: IdentityScope,
  exchange: IdentityExchange,
): Promise<Issued> {
  const seconds = pull === 'all' ? LIFETIME.build : LIFETIME.push;
  const url = new URL(`${SERVICE}/oauth/token`);
  const found = await exchange.fields({
    url,
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      subject_token: await exchange.jobToken(SERVICE),
      connection_id: connection,
      expires_in: String(seconds),
    }),
    reason: (body) => {
      const { message } = parseFields(body) ?? {};
      return typeof message === 'string' ? message : oauthReason(body);
    },
    advice: () =>
      `In Docker Home, check that the OIDC connection ${connection} of ${organization} is active, and that a ruleset allows this subject.`,
  });
  const password = exchange.secret(found.access_token, url.host);
  return { credential: { kind: 'password', username: organization, password }, seconds };
}
