import { type CloudService, json } from './request.ts';
import { type CloudTrust, distrust } from './trust.ts';

export interface QuayOptions {
  readonly trust: CloudTrust;
  readonly robot: string;
  readonly password: string;
}

/**
 * Robot account federation of quay/quay (endpoints/oauth/robot_identity_federation.py,
 * util/security/federated_robot_auth.py), for a federation that sets `audiences`.
 */
export function quayService({ trust, robot, password }: QuayOptions): CloudService {
  return async (request) => {
    if (request.host !== 'quay.io' || request.path !== '/oauth2/federation/robot/token') return undefined;
    if (request.method !== 'GET') return json(405, { error: 'method not allowed' });
    const [scheme, encoded = ''] = (request.headers.authorization ?? '').split(' ');
    const [, user, token = ''] = /^([^:]+):(.+)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
    if (scheme !== 'Basic' || user === undefined) return json(401, { error: 'Could not parse basic auth header' });
    if (user !== robot) return json(401, { error: 'Invalid robot' });
    const why = await distrust(token, 'https://quay.io', trust).catch(() => 'signature');
    return why ? json(401, { error: `Invalid token: ${why}` }) : json(200, { token: password });
  };
}
