import type { RegistryKind } from './registry-kind.ts';

/** A request that a registry refused. */
export interface RegistryRefusal {
  /** As in a reference: `ghcr.io`, `docker.io`, `127.0.0.1:5000`. */
  readonly registry: string;
  /** `acme/app`, if known. */
  readonly repository?: string | undefined;
  readonly operation: 'pull' | 'push';
  /** Status of the HTTP response. */
  readonly status: number;
  /** Error codes and messages of the response, in one line: `DENIED: requested access to the resource is denied`. */
  readonly text?: string | undefined;
}

export interface AdviceRule {
  readonly statuses?: readonly number[];
  readonly operation?: RegistryRefusal['operation'];
  /** Part of the registry's own text. */
  readonly text?: RegExp;
  /** The next step, in the imperative. */
  readonly next: (refusal: RegistryRefusal) => string;
}

const DENIED = [401, 403];
/** Most registries report a missing image like a private one. */
const HIDDEN = [401, 403, 404];

/** A base image is pulled with docker's own login only. */
const loginAction = (operation: RegistryRefusal['operation']) =>
  operation === 'push' ? 'docker/login-action, or registry-username and registry-password' : 'docker/login-action';

/** `eu-west-1` of `123456789012.dkr.ecr.eu-west-1.amazonaws.com`. */
const region = ({ registry }: RegistryRefusal) => /\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\./.exec(registry)?.[1];
const named = ({ repository }: RegistryRefusal) => repository ?? 'NAME';

/** The requirements of each registry, in the terms of its own settings. The first rule that applies wins. */
export const RULES: Readonly<Record<RegistryKind, readonly AdviceRule[]>> = {
  // docs.github.com: "Configuring a package's access control and visibility", "Publishing and installing a package".
  ghcr: [
    {
      text: /not allowed to create organization package|create_package/i,
      next: () =>
        "Grant the job `permissions: packages: write`. If it has that, allow members to create packages of this visibility in the organization's settings (Packages, Package creation).",
    },
    {
      text: /does not match expected scopes/i,
      next: ({ operation }) =>
        `Use the job's GITHUB_TOKEN, or a personal access token (classic) with the scope ${operation === 'push' ? 'write:packages' : 'read:packages'}.`,
    },
    {
      statuses: DENIED,
      operation: 'push',
      next: ({ registry }) =>
        `Log in to ${registry}, and grant the job \`permissions: packages: write\`. If another repository created the package, add this one with the role Write under "Manage Actions access" in the package's settings.`,
    },
    {
      statuses: HIDDEN,
      operation: 'pull',
      next: ({ registry }) =>
        `Check the name: ${registry} reports a missing image like a private one. Log in to ${registry} with \`permissions: packages: read\`, and add this repository under "Manage Actions access" in the package's settings.`,
    },
  ],
  // docs.docker.com: "Usage and limits", "Personal access tokens".
  'docker-hub': [
    {
      statuses: [429],
      text: /limit as '/i,
      next: () => 'Try again later, or upgrade the plan of this Docker account: its pull limit is used up.',
    },
    {
      statuses: [429],
      next: () =>
        'Log in to Docker Hub (docker/login-action): pulls without a login are limited per IP address, which hosted runners share.',
    },
    {
      operation: 'push',
      text: /insufficient.scope/i,
      next: () => 'Use an access token of Docker Hub with the permission "Read & Write".',
    },
    {
      statuses: HIDDEN,
      operation: 'push',
      next: (refusal) =>
        `Log in to Docker Hub (${loginAction('push')}) with an access token with the permission "Read & Write". Check that ${refusal.repository ?? 'the repository'} exists and belongs to that account or its organization.`,
    },
    {
      statuses: HIDDEN,
      next: () =>
        'Check the name and the tag: Docker Hub reports a missing image like a private one. Log in to Docker Hub (docker/login-action) if it is private.',
    },
  ],
  // docs.aws.amazon.com: "Private registry authentication", "Troubleshooting Amazon ECR error messages".
  ecr: [
    {
      text: /authorization token has expired/i,
      next: () =>
        'Log in again with aws-actions/amazon-ecr-login: a password of ECR is valid for 12 hours, in one region.',
    },
    {
      text: /not authorized to perform: ecr:/i,
      next: ({ text = '' }) => {
        const action = /not authorized to perform: (ecr:[A-Za-z]+)/i.exec(text)?.[1];
        return `Allow ${action} on this repository in the IAM policy of the role that the job assumes.`;
      },
    },
    {
      text: /does not exist in the registry with id|NAME_UNKNOWN/,
      next: (refusal) => {
        const where = region(refusal);
        return `Create the repository: \`aws ecr create-repository --repository-name ${named(refusal)}${where ? ` --region ${where}` : ''}\`. ECR does not create it on the first push.`;
      },
    },
    {
      statuses: DENIED,
      next: (refusal) =>
        `Log in to ${refusal.registry}: aws-actions/configure-aws-credentials with role-to-assume (the job needs \`permissions: id-token: write\`)${region(refusal) ? ` and region ${region(refusal)}` : ''}, then aws-actions/amazon-ecr-login. The role needs permission to ${refusal.operation}.`,
    },
    {
      statuses: [404],
      operation: 'push',
      next: (refusal) =>
        `Create the repository: \`aws ecr create-repository --repository-name ${named(refusal)}\`. ECR does not create it on the first push.`,
    },
  ],
  // docs.aws.amazon.com: "Public registry authentication in Amazon ECR public".
  'ecr-public': [
    {
      statuses: [404],
      operation: 'push',
      next: () =>
        'Create the repository: `aws ecr-public create-repository --region us-east-1 --repository-name NAME`. ECR does not create it on the first push.',
    },
    {
      statuses: [429],
      next: () =>
        'Log in with aws-actions/amazon-ecr-login (`registry-type: public`): pulls without a login are limited.',
    },
    {
      statuses: DENIED,
      next: ({ operation }) =>
        `Log in to public.ecr.aws: aws-actions/amazon-ecr-login with \`registry-type: public\`, in region us-east-1. The role needs ecr-public:GetAuthorizationToken, sts:GetServiceBearerToken and permission to ${operation}.`,
    },
  ],
  // cloud.google.com: "Configure authentication to Artifact Registry for Docker", "Access control with IAM".
  google: [
    {
      text: /NAME_INVALID|Missing image name/,
      next: ({ registry }) => `Write the image as ${registry}/PROJECT/REPOSITORY/IMAGE.`,
    },
    {
      text: /repository "[^"]*" not found|NAME_UNKNOWN/i,
      next: () =>
        'Create the repository in this project and location: `gcloud artifacts repositories create NAME --repository-format=docker --location=LOCATION`.',
    },
    {
      statuses: HIDDEN,
      next: ({ registry, operation }) =>
        `Log in to ${registry} as oauth2accesstoken with the access token of google-github-actions/auth. Check that the repository exists, and grant roles/artifactregistry.${operation === 'push' ? 'writer' : 'reader'} on it to that account.`,
    },
  ],
  // learn.microsoft.com: "Troubleshoot registry login", "Azure Container Registry roles and permissions".
  azure: [
    {
      text: /client with IP '[^']{0,80}' is not allowed access/i,
      next: () => "Allow the address of this runner in the registry's network rules, or use a runner in its network.",
    },
    {
      statuses: HIDDEN,
      next: ({ registry, operation }) =>
        `Log in to ${registry} (azure/login, then \`az acr login --name ${registry.split('.', 1)[0]}\`), and assign the role ${operation === 'push' ? 'AcrPush' : 'AcrPull'} on the registry to that identity.`,
    },
  ],
  // docs.quay.io: "Robot accounts", "Repository permissions".
  quay: [
    {
      statuses: HIDDEN,
      operation: 'push',
      next: ({ registry }) =>
        `Log in to ${registry} with a robot account (ORGANIZATION+NAME) that has the permission Write on the repository. Create the repository first, or grant the robot the team role Creator.`,
    },
    {
      statuses: HIDDEN,
      next: ({ registry }) =>
        `Check the name. Log in to ${registry} with a robot account that has the permission Read on the repository.`,
    },
  ],
  // goharbor.io: "Create robot accounts", "Configure project quotas", "Create tag immutability rules".
  harbor: [
    {
      text: /exceed the configured upper limit|quota/i,
      next: () => "Raise the project's storage quota, or delete old artifacts and run garbage collection.",
    },
    {
      text: /immutable/i,
      next: () => "Push another tag, or change the project's tag immutability rule.",
    },
    {
      text: /project [^ ]* ?not found/i,
      next: () => 'Create the project: Harbor does not create it on the first push. It is the first part of the name.',
    },
    {
      statuses: HIDDEN,
      next: ({ registry, operation }) =>
        `Log in to ${registry} with a robot account that has the permission ${operation === 'push' ? '"Push Repository" (and "Pull Repository")' : '"Pull Repository"'} in the project and has not expired. Check that the project, the first part of the name, exists.`,
    },
  ],
  // docs.gitlab.com: "Authenticate with the container registry".
  gitlab: [
    {
      statuses: HIDDEN,
      next: ({ registry, operation }) =>
        `Log in to ${registry} with a deploy token with the scopes read_registry${operation === 'push' ? ' and write_registry' : ''} (a CI_JOB_TOKEN is valid in its own job only). Check that the name begins with the project's path, and that the project's container registry is enabled.`,
    },
  ],
  other: [],
};

/** Rules for registries of any kind. */
export const GENERAL: readonly AdviceRule[] = [
  {
    statuses: DENIED,
    next: ({ registry, operation }) =>
      `Log in to ${registry} with credentials that have permission to ${operation}: ${loginAction(operation)}.${operation === 'pull' ? ' Many registries report a missing image like a private one.' : ''}`,
  },
  {
    statuses: [404],
    next: () => 'Check the name and the tag. Some registries require you to create a repository before the first push.',
  },
  {
    statuses: [409, 412],
    next: () => 'Check its current state: another client changed it, or it is immutable.',
  },
  {
    statuses: [413],
    next: () => 'Increase the maximum body size of the registry or of the proxy in front of it.',
  },
  {
    statuses: [429],
    next: ({ registry }) => `Log in, or try again later: ${registry} limits the number of requests.`,
  },
];
