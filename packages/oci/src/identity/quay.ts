import { type IdentityExchange, parseFields } from './exchange.ts';
import type { RegistryIdentity } from './identity.ts';
import type { Issued } from './issued.ts';

type QuayIdentity = Extract<RegistryIdentity, { provider: 'quay' }>;

/** quay/quay, data/model/user.py, TMP_ROBOT_TOKEN_VALIDITY_LIFETIME_S. Seconds. */
const LIFETIME = 3600;

/**
 * Robot account federation (Red Hat Quay, "Keyless authentication with robot accounts"; quay/quay,
 * endpoints/oauth/robot_identity_federation.py). The permissions of the robot decide on repositories.
 */
export async function quayCredentials({ registry, robot }: QuayIdentity, exchange: IdentityExchange): Promise<Issued> {
  const login = Buffer.from(`${robot}:${await exchange.jobToken(`https://${registry}`)}`).toString('base64');
  const fix = `in the federation of the robot ${robot}, set the issuer https://token.actions.githubusercontent.com, the subject of this job, and no audience but https://${registry}`;
  const found = await exchange.fields({
    url: new URL(`https://${registry}/oauth2/federation/robot/token`),
    method: 'GET',
    headers: { authorization: `Basic ${login}` },
    reason: (body) => {
      const { error, message } = parseFields(body) ?? {};
      return [error, message].find((part) => typeof part === 'string') ?? '';
    },
    advice: () => `${fix.replace(/^i/, 'I')}.`,
    // Quay raises InvalidRobotCredentialException here without a handler.
    outage: `Run the job again. If it still fails: ${fix}.`,
  });
  const password = exchange.secret(found.token, registry);
  return { credential: { kind: 'password', username: robot, password }, seconds: LIFETIME };
}
