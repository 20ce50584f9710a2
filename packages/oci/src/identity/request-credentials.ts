import { azureCredentials } from './azure.ts';
import { dockerHubCredentials } from './docker-hub.ts';
import { ecrCredentials } from './ecr.ts';
import type { IdentityExchange } from './exchange.ts';
import { googleCredentials } from './google.ts';
import type { IdentityScope, RegistryIdentity } from './identity.ts';
import type { Issued } from './issued.ts';
import { quayCredentials } from './quay.ts';

/** Exchange the job's token for a credential of the registry, in the way of its provider. */
export function requestCredentials(
  identity: RegistryIdentity,
  scope: IdentityScope,
  exchange: IdentityExchange,
): Promise<Issued> {
  switch (identity.provider) {
    case 'ecr':
      return ecrCredentials(identity, scope, exchange);
    case 'google':
      return googleCredentials(identity, exchange);
    case 'azure':
      return azureCredentials(identity, exchange);
    case 'docker-hub':
      return dockerHubCredentials(identity, scope, exchange);
    case 'quay':
      return quayCredentials(identity, exchange);
  }
}
