import { type CloudService, formOf, json } from './request.ts';
import { type CloudTrust, distrust } from './trust.ts';

export interface DockerHubOptions {
  readonly trust: CloudTrust;
  readonly connection: string;
  readonly password: string;
}

/**
 * Docker's identity service, as docker/oidc-action (src/main.ts) and docker/login-action (src/dockerhub.ts) call it: the
 * form, the bounds of `expires_in`, and `message` in errors. Its words are not documented.
 */
export function dockerHubService({ trust, connection, password }: DockerHubOptions): CloudService {
  return async (request) => {
    if (request.host !== 'identity.docker.com' || request.path !== '/oauth/token') return undefined;
    const form = formOf(request);
    const seconds = Number(form?.get('expires_in'));
    const isValid =
      form?.get('grant_type') === 'urn:ietf:params:oauth:grant-type:token-exchange' &&
      form.get('subject_token_type') === 'urn:ietf:params:oauth:token-type:id_token' &&
      seconds >= 300 &&
      seconds <= 3600;
    if (!isValid) return json(400, { message: 'invalid request' });
    if (form.get('connection_id') !== connection) return json(404, { message: 'connection not found' });
    const why = await distrust(form.get('subject_token') ?? '', 'https://identity.docker.com', trust).catch(
      () => 'signature',
    );
    return why ? json(401, { message: `id token rejected: ${why}` }) : json(200, { access_token: password });
  };
}
