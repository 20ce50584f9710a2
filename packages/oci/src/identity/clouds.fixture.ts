import {
  type AwsOptions,
  awsService,
  azureService,
  type Clouds,
  type CloudsOptions,
  dockerHubService,
  googleService,
  type OidcIssuer,
  quayService,
  type SessionPolicy,
} from '@tidegate/testkit';
import type { Timing } from '../http/retry.ts';

export const ROLE = 'arn:aws:iam::123456789012:role/push';
export const POOL = 'projects/123456/locations/global/workloadIdentityPools/github/providers/acme';
const SERVICE_ACCOUNT = 'push@acme.iam.gserviceaccount.com';
const TENANT = '409520d4-8100-4d1d-ad47-72432ddcc120';
export const CLIENT = '11111111-2222-3333-4444-555555555555';
export const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

/** Passwords that the registries accept. */
const ISSUED = {
  aws: 'eyJwYXlsb2FkIjoiRUNSIn0=',
  google: 'ya29.google-access-token',
  azure: `eyJ.${Buffer.from(JSON.stringify({ exp: 0 })).toString('base64url')}.acr-refresh`,
  hub: 'dckr_oat_short-lived',
  quay: 'eyJ.quay-robot-token.x',
};

/** A line of the input for each provider, with the audience and the hosts of its requests in order. */
export const LINES = {
  ecr: {
    line: `${ECR} role=${ROLE}`,
    audience: 'sts.amazonaws.com',
    requests: ['POST sts.eu-west-1.amazonaws.com/', 'POST api.ecr.eu-west-1.amazonaws.com/'],
    credential: { kind: 'password', username: 'AWS', password: ISSUED.aws },
  },
  'ECR Public': {
    line: `public.ecr.aws role=${ROLE}`,
    audience: 'sts.amazonaws.com',
    requests: ['POST sts.us-east-1.amazonaws.com/', 'POST api.ecr-public.us-east-1.amazonaws.com/'],
    credential: { kind: 'password', username: 'AWS', password: ISSUED.aws },
  },
  'Artifact Registry': {
    line: `europe-docker.pkg.dev provider=${POOL}`,
    audience: `https://iam.googleapis.com/${POOL}`,
    requests: ['POST sts.googleapis.com/v1/token'],
    credential: { kind: 'password', username: 'oauth2accesstoken', password: ISSUED.google },
  },
  'Artifact Registry with a service account': {
    line: `europe-docker.pkg.dev provider=${POOL} service-account=${SERVICE_ACCOUNT}`,
    audience: `https://iam.googleapis.com/${POOL}`,
    requests: [
      'POST sts.googleapis.com/v1/token',
      `POST iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${SERVICE_ACCOUNT}:generateAccessToken`,
    ],
    credential: { kind: 'password', username: 'oauth2accesstoken', password: ISSUED.google },
  },
  ACR: {
    line: `acmeimages.azurecr.io tenant=${TENANT} client=${CLIENT}`,
    audience: 'api://AzureADTokenExchange',
    requests: [
      `POST login.microsoftonline.com/${TENANT}/oauth2/v2.0/token`,
      'POST acmeimages.azurecr.io/oauth2/exchange',
    ],
    credential: { kind: 'identity-token', token: ISSUED.azure },
  },
  'Docker Hub': {
    line: `docker.io organization=acme connection=${CLIENT}`,
    audience: 'https://identity.docker.com',
    requests: ['POST identity.docker.com/oauth/token'],
    credential: { kind: 'password', username: 'acme', password: ISSUED.hub },
  },
  Quay: {
    line: 'quay.io robot=acme+push',
    audience: 'https://quay.io',
    requests: ['GET quay.io/oauth2/federation/robot/token'],
    credential: { kind: 'password', username: 'acme+push', password: ISSUED.quay },
  },
} as const;

/** Every service, trusting `subject` of the issuer. */
export function everyService(
  { url: issuer }: OidcIssuer,
  timing: Pick<Timing, 'now'>,
  sessions: SessionPolicy[],
  more: { readonly subject?: string; readonly aws?: Partial<AwsOptions>; readonly hasRole?: () => boolean } = {},
): CloudsOptions['services'] {
  const trust = { issuer, subject: more.subject ?? 'repo:octo-org/octo-app:ref:refs/heads/main' };
  return [
    awsService({ trust, role: ROLE, password: ISSUED.aws, now: timing.now, ...more.aws }, sessions),
    googleService({ trust, pool: POOL, serviceAccount: SERVICE_ACCOUNT, password: ISSUED.google }),
    azureService({
      ...{ trust, tenant: TENANT, client: CLIENT, registry: 'acmeimages.azurecr.io', refreshToken: ISSUED.azure },
      hasRole: more.hasRole,
    }),
    dockerHubService({ trust, connection: CLIENT, password: ISSUED.hub }),
    quayService({ trust, robot: 'acme+push', password: ISSUED.quay }),
  ];
}

/** The network of a job whose only way to the clouds is a proxy. */
export function connectionTo({ proxy, ca }: Clouds) {
  return { proxies: { proxyFor: () => new URL(proxy) }, machineCa: ca };
}
