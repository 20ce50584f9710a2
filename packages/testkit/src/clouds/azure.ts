import { randomBytes } from 'node:crypto';
import { type CloudAnswer, type CloudRequest, type CloudService, formOf, json } from './request.ts';
import { type CloudTrust, type Distrust, distrust } from './trust.ts';

export interface AzureOptions {
  readonly trust: CloudTrust;
  readonly tenant: string;
  readonly client: string;
  /** `acmeimages.azurecr.io` */
  readonly registry: string;
  /** Whether the client has a role on the registry. Default: yes. */
  readonly hasRole?: (() => boolean) | undefined;
  /** The refresh token that the registry accepts. */
  readonly refreshToken: string;
}

/**
 * Entra's token endpoint (identity platform, "OAuth 2.0 client credentials flow", third case; "Error codes") and the
 * registry's `/oauth2/exchange` (Azure/acr, docs/AAD-OAuth.md). `/oauth2/token` is the token service of the registry.
 */
export function azureService(options: AzureOptions): CloudService {
  const tokens = new Set<string>();
  return async (request) => {
    const { host, path } = request;
    if (host === 'login.microsoftonline.com' && path.endsWith('/oauth2/v2.0/token'))
      return entra(request, options, tokens);
    if (host === options.registry && path === '/oauth2/exchange') return exchange(request, options, tokens);
    return undefined;
  };
}

async function entra(
  request: CloudRequest,
  { trust, tenant, client }: AzureOptions,
  tokens: Set<string>,
): Promise<CloudAnswer> {
  const form = formOf(request);
  if (request.path !== `/${tenant}/oauth2/v2.0/token`)
    return refused(400, 'invalid_request', 'AADSTS90002: Tenant not found.');
  if (form?.get('grant_type') !== 'client_credentials')
    return refused(400, 'unsupported_grant_type', 'AADSTS70003: The app requested an unsupported grant type.');
  if (form.get('client_id') !== client)
    return refused(400, 'unauthorized_client', 'AADSTS700016: Application was not found in the directory.');
  if (form.get('scope') !== 'https://containerregistry.azure.net/.default')
    return refused(400, 'invalid_scope', 'AADSTS70011: The provided value for scope is not valid.');
  if (form.get('client_assertion_type') !== 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    return refused(400, 'invalid_request', 'AADSTS7000216: client_assertion_type is required.');
  const why = await distrust(form.get('client_assertion') ?? '', 'api://AzureADTokenExchange', trust).catch(
    () => 'signature' as const,
  );
  if (why) return refused(why === 'expired' ? 401 : 400, 'invalid_client', REFUSED[why]);
  const token = `eyJ.${randomBytes(900).toString('base64url')}.x`;
  tokens.add(token);
  return json(200, { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: token });
}

const REFUSED: Readonly<Record<Distrust, string>> = {
  issuer: 'AADSTS700211: No matching federated identity record found for presented assertion issuer.',
  audience: 'AADSTS700212: No matching federated identity record found for presented assertion audience.',
  subject: 'AADSTS700213: No matching federated identity record found for presented assertion subject.',
  expired: 'AADSTS700024: Client assertion is not within its valid time range.',
  signature: 'AADSTS700027: The certificate used to sign the client assertion is not registered on application.',
};

async function exchange(
  request: CloudRequest,
  options: AzureOptions,
  tokens: ReadonlySet<string>,
): Promise<CloudAnswer> {
  const { registry, tenant, refreshToken, hasRole } = options;
  const form = formOf(request);
  const isValid =
    form?.get('grant_type') === 'access_token' && form.get('service') === registry && form.get('tenant') === tenant;
  if (!isValid) return json(400, { errors: [{ code: 'UNSUPPORTED', message: 'The operation is unsupported.' }] });
  const isKnown = tokens.has(form.get('access_token') ?? '') && (hasRole?.() ?? true);
  if (!isKnown)
    return json(401, { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required', detail: null }] });
  return json(200, { refresh_token: refreshToken });
}

function refused(status: number, error: string, description: string): CloudAnswer {
  return json(status, { error, error_description: description, error_codes: [], trace_id: '0', correlation_id: '0' });
}
