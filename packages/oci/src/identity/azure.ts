import { claimsOf, type IdentityExchange } from './exchange.ts';
import { oauthReason } from './google.ts';
import type { RegistryIdentity } from './identity.ts';
import { type Issued, lifetime } from './issued.ts';

type AzureIdentity = Extract<RegistryIdentity, { provider: 'azure' }>;

const AUDIENCE = 'api://AzureADTokenExchange';
const ISSUER = 'https://token.actions.githubusercontent.com';
/** If the refresh token does not say. Seconds. */
const LIFETIME = 1800;

/**
 * Entra's client credentials with a federated credential (identity platform, "Access token request with a federated
 * credential"), then the registry's own `/oauth2/exchange` (Azure/acr, docs/AAD-OAuth.md). The result is a refresh
 * token, for which `/oauth2/token` of the same host issues tokens of one repository.
 */
export async function azureCredentials(identity: AzureIdentity, exchange: IdentityExchange): Promise<Issued> {
  const { registry, tenant, client } = identity;
  const entra = await exchange.fields({
    url: new URL(`https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`),
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client,
      scope: 'https://containerregistry.azure.net/.default',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await exchange.jobToken(AUDIENCE),
    }),
    reason: oauthReason,
    advice: (reported) => entraAdvice(reported, identity),
  });
  const token = exchange.secret(entra.access_token, 'login.microsoftonline.com');
  const own = await exchange.fields({
    url: new URL(`https://${registry}/oauth2/exchange`),
    body: new URLSearchParams({ grant_type: 'access_token', service: registry, tenant, access_token: token }),
    // registryText reads the errors of the registry.
    reason: (body) => body,
    advice: () =>
      `Assign the role AcrPush on ${registry} to the client ${client}, and check that tenant ${tenant} owns the registry.`,
  });
  const refresh = exchange.secret(own.refresh_token, registry);
  const seconds = Number(claimsOf(refresh).exp) - exchange.timing.now() / 1000;
  return { credential: { kind: 'identity-token', token: refresh }, seconds: lifetime(seconds, LIFETIME) };
}

/** Entra documentation, "Microsoft Entra authentication and authorization error codes". */
function entraAdvice(reported: string, { tenant, client }: AzureIdentity): string {
  const of = `the federated credential of ${client}`;
  if (/AADSTS700213|AADSTS70021\b/.test(reported))
    return `Set the subject of ${of} to the one in this message, and its issuer to ${ISSUER}.`;
  if (reported.includes('AADSTS700212')) return `Set the audience of ${of} to ${AUDIENCE}.`;
  if (reported.includes('AADSTS700211')) return `Set the issuer of ${of} to ${ISSUER}.`;
  if (/AADSTS700016|AADSTS90002/.test(reported))
    return `Check that the client ${client} exists in the tenant ${tenant}.`;
  if (/AADSTS700024|expired/.test(reported))
    return 'Run the job again. If it still fails, correct the clock of this runner.';
  return `Add a federated credential to ${client} with issuer ${ISSUER}, audience ${AUDIENCE}, and the subject in this message.`;
}
