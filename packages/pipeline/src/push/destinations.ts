import { type OneOrMore, TidegateError, together } from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import type { Services } from '../services.ts';

/**
 * Do the same for every destination, side by side. The first failure stops the others: no destination gets a tag if one
 * fails. With several destinations, the error names the one that failed.
 */
export async function inEach<D extends { readonly registry: Registry }, T>(
  destinations: OneOrMore<D>,
  services: Services,
  work: (destination: D, services: Services) => Promise<T>,
): Promise<OneOrMore<T>> {
  const [first, ...others] = destinations;
  return together<OneOrMore<T>>(services.signal, (signal) => {
    const inner = { ...services, signal };
    const one = async (destination: D) => {
      try {
        return await work(destination, inner);
      } catch (error) {
        throw others.length === 0 ? error : failedIn(destination.registry, error);
      }
    };
    return [one(first), ...others.map(one)];
  });
}

/** The same error, under the name of the destination that failed. */
function failedIn({ name }: Registry, error: unknown): unknown {
  if (!(error instanceof TidegateError) || error.kind === 'cancelled') return error;
  const message = `Destination ${name}: ${error.message} No tag was set in any destination.`;
  return new TidegateError(error.id, message, { next: error.next, place: error.place, cause: error });
}
