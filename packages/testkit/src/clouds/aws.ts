import { randomBytes } from 'node:crypto';
import { type CloudAnswer, type CloudRequest, type CloudService, formOf, json, jsonOf } from './request.ts';
import { checkSignature } from './sigv4-check.ts';
import { type CloudTrust, type Distrust, distrust } from './trust.ts';

export interface AwsOptions {
  readonly trust: CloudTrust;
  /** The ARN of the role that trusts it. */
  readonly role: string;
  /** Whether a policy of the role allows GetAuthorizationToken. Default: yes. */
  readonly mayLogIn?: () => boolean;
  /** The password that the registry accepts. */
  readonly password: string;
  readonly now: () => number;
}

export interface SessionPolicy {
  readonly Version: string;
  readonly Statement: readonly {
    readonly Effect: string;
    readonly Action: readonly string[];
    readonly Resource: string;
  }[];
}

interface Session {
  readonly secret: string;
  readonly token: string;
  readonly policy: SessionPolicy | undefined;
}

/**
 * STS (API Reference, AssumeRoleWithWebIdentity: parameters, limits, response, errors; its XML as botocore's stored
 * responses have it) and ECR, private and public (API Reference, GetAuthorizationToken; JSON 1.1 protocol of Smithy).
 * @param sessions filled with the policy of each session, in order
 */
export function awsService(options: AwsOptions, sessions: SessionPolicy[]): CloudService {
  const known = new Map<string, Session>();
  return async (request) => {
    const { host } = request;
    const sts = /^sts\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/.exec(host);
    if (sts) return assumeRole(request, `sts.amazonaws.com${sts[1] ?? ''}`, options, known, sessions);
    const [, service, region] = /^api\.(ecr|ecr-public)\.([a-z0-9-]+)\.amazonaws\.com$/.exec(host) ?? [];
    if (service === undefined || region === undefined) return undefined;
    return authorizationToken(request, { service, region }, options, known);
  };
}

async function assumeRole(
  request: CloudRequest,
  audience: string,
  { trust, role }: AwsOptions,
  known: Map<string, Session>,
  sessions: SessionPolicy[],
): Promise<CloudAnswer> {
  const form = formOf(request);
  if (!form || request.path !== '/' || form.get('Version') !== '2011-06-15') return xmlError(400, 'InvalidAction', '');
  if (form.get('Action') !== 'AssumeRoleWithWebIdentity') return xmlError(400, 'InvalidAction', '');
  const duration = Number(form.get('DurationSeconds') ?? 3600);
  const policy = form.get('Policy');
  const isValid =
    /^[\w+=,.@-]{2,64}$/.test(form.get('RoleSessionName') ?? '') &&
    duration >= 900 &&
    duration <= 3600 &&
    (policy ?? '').length <= 2048;
  if (!isValid) return xmlError(400, 'ValidationError', 'A parameter failed validation');
  const parsed = policy === null ? undefined : parsePolicy(policy);
  if (policy !== null && !parsed) return xmlError(400, 'MalformedPolicyDocument', 'Syntax errors in policy.');
  const why = await distrust(form.get('WebIdentityToken') ?? '', audience, trust).catch(() => 'signature' as const);
  if (why) return refused(why, audience);
  const denied = 'Not authorized to perform sts:AssumeRoleWithWebIdentity';
  if (form.get('RoleArn') !== role) return xmlError(403, 'AccessDenied', denied);
  const id = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
  const [secret, token] = [randomBytes(30).toString('base64'), randomBytes(300).toString('base64')];
  known.set(id, { secret, token, policy: parsed });
  if (parsed) sessions.push(parsed);
  const keys = `<SessionToken>${token}</SessionToken><SecretAccessKey>${secret}</SecretAccessKey><Expiration>2026-11-29T13:00:00Z</Expiration><AccessKeyId>${id}</AccessKeyId>`;
  return xml(
    200,
    `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n  <AssumeRoleWithWebIdentityResult>\n    <Credentials>${keys}</Credentials>\n  </AssumeRoleWithWebIdentityResult>\n</AssumeRoleWithWebIdentityResponse>`,
  );
}

function refused(why: Distrust, audience: string): CloudAnswer {
  switch (why) {
    case 'issuer':
      return xmlError(400, 'InvalidIdentityToken', 'No OpenIDConnect provider found in your account');
    case 'audience':
      return xmlError(400, 'InvalidIdentityToken', `Incorrect token audience, expected ${audience}`);
    case 'signature':
      return xmlError(400, 'InvalidIdentityToken', "Couldn't verify the signature");
    case 'expired':
      return xmlError(400, 'ExpiredTokenException', 'Token expired');
    case 'subject':
      return xmlError(403, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity');
  }
}

async function authorizationToken(
  request: CloudRequest,
  { service, region }: { readonly service: string; readonly region: string },
  { password, now, mayLogIn }: AwsOptions,
  known: ReadonlyMap<string, Session>,
): Promise<CloudAnswer> {
  const isPublic = service === 'ecr-public';
  const target = isPublic ? 'SpencerFrontendService' : 'AmazonEC2ContainerRegistry_V20150921';
  if (request.headers['content-type'] !== 'application/x-amz-json-1.1' || !jsonOf(request))
    return json(400, { __type: 'SerializationException' });
  if (request.headers['x-amz-target'] !== `${target}.GetAuthorizationToken`)
    return json(400, { __type: 'UnknownOperationException' });
  const checked = checkSignature(request, { region, service, now: now(), secretOf: (id) => known.get(id)?.secret });
  if ('error' in checked) {
    const [type, message] = checked.error.split(': ');
    return json(400, { __type: type, message });
  }
  const session = known.get(checked.id);
  if (!session || session.token !== request.headers['x-amz-security-token'])
    return json(400, {
      __type: 'UnrecognizedClientException',
      message: 'The security token included in the request is invalid.',
    });
  const needed = [`${service}:GetAuthorizationToken`, ...(isPublic ? ['sts:GetServiceBearerToken'] : [])];
  const isAllowed = needed.every((action) => mayDo(session.policy, action, '*')) && (mayLogIn?.() ?? true);
  if (!isAllowed)
    return json(400, {
      __type: 'AccessDeniedException',
      message: `User is not authorized to perform: ${needed[0]} on resource: *`,
    });
  const data = {
    authorizationToken: Buffer.from(`AWS:${password}`).toString('base64'),
    expiresAt: now() / 1000 + 43_200,
  };
  return json(200, { authorizationData: isPublic ? data : [{ ...data, proxyEndpoint: 'https://registry' }] });
}

/** Whether a session policy allows an action on a resource (IAM User Guide, "Policies and permissions"). */
export function mayDo(policy: SessionPolicy | undefined, action: string, resource: string): boolean {
  if (!policy) return true;
  const matches = (pattern: string) =>
    new RegExp(`^${pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(resource);
  return policy.Statement.some(
    (statement) => statement.Effect === 'Allow' && statement.Action.includes(action) && matches(statement.Resource),
  );
}

function parsePolicy(text: string): SessionPolicy | undefined {
  try {
    const policy = JSON.parse(text) as SessionPolicy;
    return policy.Version === '2012-10-17' && Array.isArray(policy.Statement) ? policy : undefined;
  } catch {
    return undefined;
  }
}

function xml(status: number, body: string): CloudAnswer {
  return { status, body, headers: { 'content-type': 'text/xml' } };
}

function xmlError(status: number, code: string, message: string): CloudAnswer {
  return xml(
    status,
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">\n  <Error>\n    <Type>Sender</Type>\n    <Code>${code}</Code>\n    <Message>${message}</Message>\n  </Error>\n  <RequestId>4f2b1c3d</RequestId>\n</ErrorResponse>\n`,
  );
}
