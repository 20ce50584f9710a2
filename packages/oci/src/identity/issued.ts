import type { Credential } from '../auth/credentials.ts';

export interface Issued {
  readonly credential: Credential;
  /** Its lifetime in seconds. */
  readonly seconds: number;
}

/** A lifetime that a service states, within bounds. */
export function lifetime(stated: unknown, otherwise: number): number {
  return typeof stated === 'number' && stated > 0 && stated <= 86_400 ? stated : otherwise;
}
