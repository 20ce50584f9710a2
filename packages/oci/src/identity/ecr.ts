import { type IdentityExchange, parseFields, type TokenRequest } from './exchange.ts';
import type { EcrIdentity, IdentityScope } from './identity.ts';
import type { Issued } from './issued.ts';
import { type AwsKeys, signPost } from './sigv4.ts';

/** Of the temporary keys, which make one request. STS has no shorter session than 900. Seconds. */
const SESSION = 3600;
const ISSUER = 'token.actions.githubusercontent.com';

/**
 * AssumeRoleWithWebIdentity (STS API Reference), whose session policy names the repository, then GetAuthorizationToken
 * (ECR and ECR Public API Reference). A registry's token has the permissions of the session that requested it.
 */
export async function ecrCredentials(
  identity: EcrIdentity,
  scope: IdentityScope,
  exchange: IdentityExchange,
): Promise<Issued> {
  const keys = await assumeRole(identity, scope, exchange);
  const { account, region, domain } = identity;
  const [service, target] =
    account === undefined ? ['ecr-public', 'SpencerFrontendService'] : ['ecr', 'AmazonEC2ContainerRegistry_V20150921'];
  const url = new URL(`https://api.${service}.${region}.${domain}/`);
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${target}.GetAuthorizationToken` };
  const post = { host: url.host, region, service, headers, body: '{}' };
  const found = await exchange.fields({
    url,
    headers: signPost(post, keys, exchange.timing.now()),
    body: {},
    reason: jsonReason,
    advice: (reported) =>
      /signature|skew/i.test(reported)
        ? 'Correct the clock of this runner: AWS rejects a signature that is off by five minutes.'
        : `Allow ${service}:GetAuthorizationToken${account === undefined ? ' and sts:GetServiceBearerToken' : ''} on * in a policy of the role ${identity.role}.`,
  });
  const data = Array.isArray(found.authorizationData) ? found.authorizationData[0] : found.authorizationData;
  const { authorizationToken } = Object(data) as Record<string, unknown>;
  const token = exchange.secret(authorizationToken, url.host);
  const [, username = '', password] = /^([^:]+):(.+)$/s.exec(Buffer.from(token, 'base64').toString('utf8')) ?? [];
  // ECR's token is valid for 12 hours; a new one is requested when its session ends.
  return {
    credential: { kind: 'password', username, password: exchange.secret(password, url.host) },
    seconds: SESSION,
  };
}

async function assumeRole(identity: EcrIdentity, scope: IdentityScope, exchange: IdentityExchange): Promise<AwsKeys> {
  const { region, domain, role } = identity;
  const url = new URL(`https://sts.${region}.${domain}/`);
  const audience = `sts.${domain}`;
  const body = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: role,
    RoleSessionName: 'tidegate',
    DurationSeconds: String(SESSION),
    Policy: JSON.stringify(sessionPolicy(identity, scope)),
    WebIdentityToken: await exchange.jobToken(audience),
  });
  const advice: TokenRequest['advice'] = (reported) => {
    if (/^InvalidIdentityToken|^IDPRejectedClaim/.test(reported)) {
      return `In IAM, add the identity provider https://${ISSUER} with the audience ${audience} to the account of ${role}.`;
    }
    if (/^ExpiredToken|^IDPCommunicationError|^Throttling/.test(reported))
      return 'Run the job again. If it still fails, correct the clock of this runner.';
    return `In the trust policy of ${role}, allow sts:AssumeRoleWithWebIdentity for ${ISSUER} with this subject and ${ISSUER}:aud ${audience}.`;
  };
  const text = await exchange.send({ url, headers: { accept: 'text/xml' }, body, advice, reason: xmlReason });
  const keys = [/<AccessKeyId>([^<]+)</, /<SecretAccessKey>([^<]+)</, /<SessionToken>([^<]+)</].map((element) =>
    exchange.secret(element.exec(text)?.[1], url.host),
  );
  const [id = '', secret = '', session] = keys;
  return { id, secret, session };
}

/** Each permission that a push or a pull needs (ECR User Guide, "IAM permissions for pushing an image"), and no other. */
function sessionPolicy({ account, region, domain }: EcrIdentity, { pull, push }: IdentityScope): object {
  const isPublic = account === undefined;
  const service = isPublic ? 'ecr-public' : 'ecr';
  const partition = domain.endsWith('.cn') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  const allow = (names: readonly string[], resource: string) => ({
    Effect: 'Allow',
    Action: names.map((name) => (name.includes(':') ? name : `${service}:${name}`)),
    Resource: resource,
  });
  // ECR Public has an alias before the name, which ARNs do not have.
  const arn = (repository: string) =>
    isPublic
      ? `arn:aws:ecr-public::*:repository/${repository.slice(repository.indexOf('/') + 1)}`
      : `arn:${partition}:ecr:${region}:${account}:repository/${repository}`;
  return {
    Version: '2012-10-17',
    Statement: [
      allow(['GetAuthorizationToken', ...(isPublic ? ['sts:GetServiceBearerToken'] : [])], '*'),
      allow(READ, arn(pull === 'all' ? '*' : pull)),
      ...(push === undefined ? [] : [allow([...READ, ...WRITE], arn(push))]),
    ],
  };
}

const READ = ['BatchCheckLayerAvailability', 'BatchGetImage', 'GetDownloadUrlForLayer'];
/** BatchDeleteImage removes superseded scans of our own. */
const WRITE = ['InitiateLayerUpload', 'UploadLayerPart', 'CompleteLayerUpload', 'PutImage', 'BatchDeleteImage'];

function xmlReason(body: string): string {
  const parts = [/<Code>([^<]{1,100})</, /<Message>([^<]{1,1000})</].map((element) => element.exec(body)?.[1]);
  return parts.filter((part) => part !== undefined).join(': ');
}

/** `{"__type": "AccessDeniedException", "message": "…"}`, sometimes with a capital M. */
function jsonReason(body: string): string {
  const { __type: type, message, Message } = parseFields(body) ?? {};
  return [type, message ?? Message].filter((part) => typeof part === 'string').join(': ');
}
