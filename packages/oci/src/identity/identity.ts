/** How a job proves to a registry who it is, without a password. */
export type RegistryIdentity = {
  /** As in a reference: `docker.io`, `123456789012.dkr.ecr.eu-west-1.amazonaws.com`. */
  readonly registry: string;
} & (
  | EcrIdentity
  | {
      readonly provider: 'google';
      /** `projects/…/locations/global/workloadIdentityPools/…/providers/…` */
      readonly pool: string;
      readonly serviceAccount: string | undefined;
    }
  | { readonly provider: 'azure'; readonly tenant: string; readonly client: string }
  | { readonly provider: 'docker-hub'; readonly organization: string; readonly connection: string }
  | { readonly provider: 'quay'; readonly robot: string }
);

/** Private ECR, or ECR Public without `account`. */
export interface EcrIdentity {
  readonly provider: 'ecr';
  readonly account: string | undefined;
  readonly region: string;
  /** `amazonaws.com`, or `amazonaws.com.cn` in China. */
  readonly domain: string;
  readonly role: string;
}

/** Purpose of the credentials. Providers that cannot limit a token ignore it. */
export interface IdentityScope {
  /** The repositories to read: one of them, or all of the registry. */
  readonly pull: string | 'all';
  readonly push?: string | undefined;
}
