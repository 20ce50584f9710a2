import { describe, expect, test } from '@jest/globals';
import { registryAdvice } from './advice.ts';
import { registryKind } from './registry-kind.ts';
import type { RegistryRefusal } from './rules.ts';

const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const push = (registry: string, status: number, text: string): RegistryRefusal => ({
  registry,
  repository: 'acme/app',
  operation: 'push',
  status,
  text,
});
const pull = (registry: string, status: number, text: string): RegistryRefusal => ({
  ...push(registry, status, text),
  operation: 'pull',
});

/** The text is as users reported it, or as the registry's documentation has it; its source is the first column. */
const KNOWN: readonly (readonly [source: string, refusal: RegistryRefusal, next: RegExp])[] = [
  [
    'docker/build-push-action#606',
    push('ghcr.io', 403, 'DENIED: installation not allowed to Create organization package'),
    /`permissions: packages: write`.*Package creation/,
  ],
  [
    'actions/runner#1039',
    push('ghcr.io', 403, 'DENIED: installation not allowed to Write organization package'),
    /`permissions: packages: write`.*"Manage Actions access"/,
  ],
  ['docs.github.com', push('ghcr.io', 403, 'DENIED: permission_denied: write_package'), /Manage Actions access/],
  [
    'docs.github.com',
    push('ghcr.io', 403, 'DENIED: permission_denied: The token provided does not match expected scopes.'),
    /write:packages/,
  ],
  ['docs.github.com', pull('ghcr.io', 403, 'DENIED: requested access to the resource is denied'), /packages: read/],
  ['GitHub Enterprise Server', push('containers.ghe.example.com', 403, 'DENIED: denied'), /packages: write/],
  [
    'elastic/golang-crossbuild#659',
    pull('docker.io', 429, 'toomanyrequests: You have reached your unauthenticated pull rate limit.'),
    /^Log in to Docker Hub .*per IP address/,
  ],
  [
    'docker/build-push-action#1539',
    pull('docker.io', 429, "toomanyrequests: You have reached your pull rate limit as 'acme'"),
    /upgrade the plan/,
  ],
  [
    'docs.docker.com',
    push('docker.io', 401, 'UNAUTHORIZED: access token has insufficient scopes'),
    /access token of Docker Hub with the permission "Read & Write"/,
  ],
  [
    'docker/build-push-action#1180',
    push('docker.io', 401, 'DENIED: requested access to the resource is denied'),
    /"Read & Write".*acme\/app exists/,
  ],
  [
    'docker/buildx#1611',
    pull('docker.io', 401, 'insufficient_scope: authorization failed'),
    /reports a missing image like a private one/,
  ],
  [
    'docs.aws.amazon.com',
    push(
      ECR,
      404,
      "NAME_UNKNOWN: The repository with name 'acme/app' does not exist in the registry with id '123456789012'",
    ),
    /aws ecr create-repository --repository-name acme\/app --region eu-west-1/,
  ],
  [
    'docs.aws.amazon.com',
    push(ECR, 403, 'DENIED: Your authorization token has expired. Reauthenticate and try again.'),
    /12 hours/,
  ],
  [
    'docs.aws.amazon.com',
    push(
      ECR,
      403,
      'DENIED: User: arn:aws:sts::1:assumed-role/ci is not authorized to perform: ecr:InitiateLayerUpload on resource: x',
    ),
    /Allow ecr:InitiateLayerUpload .*IAM policy/,
  ],
  ['docs.aws.amazon.com', push(ECR, 401, 'Not Authorized'), /id-token: write.*region eu-west-1.*amazon-ecr-login/],
  ['docs.aws.amazon.com', push('public.ecr.aws', 404, 'NAME_UNKNOWN'), /ecr-public create-repository/],
  ['docs.aws.amazon.com', push('public.ecr.aws', 403, 'DENIED'), /registry-type: public.*us-east-1/],
  ['bottlerocket-os#102', pull('public.ecr.aws', 429, 'toomanyrequests: Rate exceeded'), /^Log in/],
  [
    'GoogleCloudPlatform/cymbal-superstore#4',
    push(
      'europe-docker.pkg.dev',
      403,
      'DENIED: Permission "artifactregistry.repositories.uploadArtifacts" denied on resource "projects/p/locations/europe/repositories/r" (or it may not exist)',
    ),
    /oauth2accesstoken.*roles\/artifactregistry\.writer/,
  ],
  [
    'google-github-actions/deploy-cloudrun#420',
    push('europe-docker.pkg.dev', 404, 'NAME_UNKNOWN: Repository "r" not found'),
    /gcloud artifacts repositories create/,
  ],
  [
    'docker/build-push-action#171',
    push('europe-docker.pkg.dev', 400, 'NAME_INVALID: Missing image name. Pushes should be of the form'),
    /europe-docker\.pkg\.dev\/PROJECT\/REPOSITORY\/IMAGE/,
  ],
  ['cloud.google.com', pull('gcr.io', 401, 'UNAUTHORIZED'), /artifactregistry\.reader/],
  ['learn.microsoft.com', push('acme.azurecr.io', 401, 'UNAUTHORIZED: authentication required'), /acme.*AcrPush/],
  ['learn.microsoft.com', pull('acme.azurecr.io', 401, 'UNAUTHORIZED: authentication required'), /AcrPull/],
  [
    'learn.microsoft.com',
    push('acme.azurecr.io', 403, "DENIED: client with IP '1.2.3.4' is not allowed access."),
    /network rules/,
  ],
  [
    'jaegertracing/jaeger#2498',
    push('quay.io', 401, 'UNAUTHORIZED: access to the requested resource is not authorized'),
    /robot account.*permission Write.*Creator/,
  ],
  ['docs.quay.io', pull('quay.io', 401, 'UNAUTHORIZED'), /permission Read/],
  [
    'goharbor/harbor#13988',
    push('registry.example.com', 401, 'UNAUTHORIZED: unauthorized to access repository: acme/app, action: push'),
    /"Push Repository".*project/,
  ],
  [
    'goharbor/harbor, src/controller/project',
    push('harbor.example.com', 404, 'NOT_FOUND: project acme not found'),
    /Create the project/,
  ],
  [
    'goharbor/harbor, src/pkg/quota',
    push('registry.example.com', 403, 'DENIED: adding 12.0 MiB … will exceed the configured upper limit of 1.0 GiB.'),
    /quota/,
  ],
  [
    'goharbor/harbor, src/server/middleware/immutable',
    push(
      'registry.example.com',
      412,
      "PRECONDITION: Failed to process request due to 'app:v1' configured as immutable.",
    ),
    /tag immutability rule/,
  ],
  [
    'docs.gitlab.com',
    push('registry.gitlab.com', 403, 'DENIED: requested access to the resource is denied'),
    /read_registry and write_registry.*CI_JOB_TOKEN.*enabled/,
  ],
  ['docs.gitlab.com', pull('gitlab.example.com:5050', 401, 'UNAUTHORIZED'), /scopes read_registry \(/],
];

test.each(KNOWN)('%s: %j', (_, refusal, next) => {
  expect(registryAdvice(refusal)).toMatch(next);
});

describe('a registry of any kind', () => {
  test.each([
    [401, /^Log in to registry\.example\.com with credentials that have permission to push/],
    [403, /^Log in to/],
    [404, /create a repository before the first push/],
    [409, /immutable/],
    [412, /immutable/],
    [413, /maximum body size/],
    [429, /limits the number of requests/],
    [408, /server error/],
    [500, /server error/],
    [301, /redirects elsewhere/],
    [418, /message of registry/],
  ])('that answers %d', (status, next) => {
    expect(registryAdvice(push('registry.example.com', status, ''))).toMatch(next);
  });
});

test('a server error is no question of permissions, whatever it quotes', () => {
  expect(registryAdvice(push('ghcr.io', 503, 'permission_denied: create_package'))).toMatch(/server error/);
});

test.each([
  "NAME_UNKNOWN: The repository with name 'acme/app' does not exist in the registry with id '123456789012'",
  'DENIED: User: x is not authorized to perform: ecr:PutImage on resource: x',
  'DENIED: Permission "artifactregistry.repositories.uploadArtifacts" denied',
])('whoever has no host of a cloud gets no advice of it: %s', (text) => {
  for (const status of [403, 404]) {
    expect(registryAdvice(push('evil.example', status, text))).not.toMatch(/aws|ecr:|IAM|roles\/|gcloud/i);
  }
});

test.each([
  ['ghcr.io', 'ghcr'],
  ['GHCR.IO', 'ghcr'],
  ['ghcr.io.example.com', 'other'],
  ['docker.io', 'docker-hub'],
  ['notdocker.io', 'other'],
  [ECR, 'ecr'],
  ['123456789012.dkr-ecr.us-east-1.on.aws', 'ecr'],
  ['eu.gcr.io', 'google'],
  ['mygcr.io', 'other'],
  ['quay.example.com', 'quay'],
  ['127.0.0.1:5000', 'other'],
])('%s is %s', (host, kind) => {
  expect(registryKind(host)).toBe(kind);
});

test('advice is at most two sentences and says what to do first', () => {
  for (const [, refusal] of KNOWN) {
    const next = registryAdvice(refusal);
    expect(next.length).toBeLessThan(320);
    expect(next).toMatch(/^(Grant|Use|Log in|Check|Try|Create|Allow|Write|Raise|Push|Enable)\b/);
    expect(next).toMatch(/\.$/);
  }
});
