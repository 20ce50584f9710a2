import { describe, expect, test } from '@jest/globals';
import { hasKind } from '@tidegate/core';
import { parseRegistryIdentity } from './parse-identity.ts';

const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const ROLE = 'arn:aws:iam::123456789012:role/ci/push';
const POOL = 'projects/123456/locations/global/workloadIdentityPools/github/providers/acme';
const [TENANT, CLIENT] = ['409520d4-8100-4d1d-ad47-72432ddcc120', '11111111-2222-3333-4444-555555555555'];

test.each<[string, object]>([
  [
    `${ECR} role=${ROLE}`,
    { provider: 'ecr', account: '123456789012', region: 'eu-west-1', domain: 'amazonaws.com', role: ROLE },
  ],
  [
    '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn role=arn:aws-cn:iam::123456789012:role/push',
    { provider: 'ecr', region: 'cn-north-1', domain: 'amazonaws.com.cn' },
  ],
  [
    `123456789012.dkr.ecr.us-gov-west-1.amazonaws.com role=${ROLE}`,
    { provider: 'ecr', region: 'us-gov-west-1', domain: 'amazonaws.com' },
  ],
  [`  public.ecr.aws   role=${ROLE} `, { provider: 'ecr', registry: 'public.ecr.aws', region: 'us-east-1' }],
  [`europe-docker.pkg.dev provider=${POOL}`, { provider: 'google', pool: POOL, serviceAccount: undefined }],
  [
    `europe-west1-docker.pkg.dev service-account=push@acme.iam.gserviceaccount.com provider=${POOL}`,
    { provider: 'google', serviceAccount: 'push@acme.iam.gserviceaccount.com' },
  ],
  [`AcmeImages.azurecr.io tenant=${TENANT} client=${CLIENT}`, { provider: 'azure', registry: 'acmeimages.azurecr.io' }],
  [
    `index.docker.io organization=acme connection=${CLIENT}`,
    { provider: 'docker-hub', registry: 'docker.io', organization: 'acme' },
  ],
  ['quay.io robot=acme+push', { provider: 'quay', robot: 'acme+push' }],
])('%s', (line, expected) => {
  expect(parseRegistryIdentity(line, 1)).toMatchObject(expected);
});

describe('a line is refused, with its number, the value and the fix', () => {
  test.each<[string, string, RegExp]>([
    ['ghcr.io role=x', '"ghcr.io"', /one of the hosts .*docker\.io/],
    [`${ECR}.evil.example role=${ROLE}`, 'evil.example', /one of the hosts/],
    [`https://${ECR} role=${ROLE}`, 'https://', /one of the hosts/],
    [`evil.example/${ECR} role=${ROLE}`, 'evil.example', /one of the hosts/],
    [`xpublic.ecr.aws role=${ROLE}`, 'xpublic', /one of the hosts/],
    ['acmeimages.azurecr.io.evil.example tenant=x', 'evil', /one of the hosts/],
    ['a@quay.io robot=acme+push', '"a@quay.io"', /one of the hosts/],
    [`123456789012.dkr.ecr.s3-us-west-2.amazonaws.com role=${ROLE}`, 's3-us-west-2', /one of the hosts/],
    [ECR, `"${ECR}"`, /ARN of a role/],
    [`${ECR} role=push`, '"role=push"', /ARN of a role/],
    [`${ECR} role=${ROLE} role=${ROLE}`, 'role=', /role once/],
    [`${ECR} role=${ROLE} region=eu-west-1`, '"region"', /only role/],
    [`acmeimages.azurecr.io client=${CLIENT}`, 'client=', /ID of a tenant/],
    [`acmeimages.azurecr.io tenant=../x client=${CLIENT}`, '"tenant=../x"', /ID of a tenant/],
    ['europe-docker.pkg.dev provider=github', '"provider=github"', /full name/],
    [`europe-docker.pkg.dev provider=${POOL} service-account=a/b`, 'a/b', /e-mail/],
    ['quay.io robot=push', '"robot=push"', /robot account/],
    ['quay.io __proto__=x', '"__proto__"', /only robot/],
  ])('%s', (line, shown, expected) => {
    expect(() => parseRegistryIdentity(line, 3)).toThrow(
      expect.objectContaining({
        id: 'registry-identity-invalid',
        message: expect.stringMatching(expected),
        next: expect.any(String),
      }),
    );
    expect(() => parseRegistryIdentity(line, 3)).toThrow(/registry-identities, line 3/);
    expect(() => parseRegistryIdentity(line, 3)).toThrow(shown);
  });

  test('and a password that was written there is not shown', () => {
    let error: unknown;
    try {
      parseRegistryIdentity('docker.io password=hunter2', 1);
    } catch (thrown) {
      error = thrown;
    }
    expect(hasKind(error, 'bad-input') && error.message).toContain('"password"');
    expect(String(error)).not.toContain('hunter2');
  });
});
