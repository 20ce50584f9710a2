import type { InputSpec } from '@tidegate/runner';

export const registryIdentitiesInput = {
  'registry-identities': {
    type: 'list',
    description:
      "Logins without passwords, by the job's identity (`id-token: write`), one HOST KEY=VALUE per line. For ECR, Artifact Registry, ACR, Docker Hub and Quay.",
  },
} as const satisfies Record<string, InputSpec>;

/** The same where the registry is only read for base images. */
export const baseIdentitiesInput = {
  'registry-identities': {
    ...registryIdentitiesInput['registry-identities'],
    description:
      "Logins without passwords for registries of base images, by the job's identity (`id-token: write`), one HOST KEY=VALUE per line.",
  },
} as const satisfies Record<string, InputSpec>;
