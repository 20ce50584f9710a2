import { badInput, formatReference, type Reference, TidegateError } from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import type { Job } from '@tidegate/runner';
import { imageOf } from './image.ts';
import { type RegistryInputs, registryOf } from './registry.ts';
import { repositoryIdentity } from './registry-identities.ts';

/** One line of the input `image`. */
export interface ImageLine {
  readonly text: string;
  /** The error of a line that cannot be read: it fails by itself, and the others are checked. */
  readonly reference: Reference | TidegateError;
}

/**
 * The lines of the input `image`, each image once.
 * @param input that names the images, for the error
 * @throws TidegateError `bad-input` for more than `most` images
 */
export function imageLines(lines: readonly string[], most: number, job: Job, input = 'image'): readonly ImageLine[] {
  const found = new Map<string, ImageLine>();
  for (const text of lines) {
    const reference = referenceOrError(text, job);
    const key = reference instanceof TidegateError ? text : formatReference(reference);
    if (!found.has(key)) found.set(key, { text, reference });
  }
  if (found.size <= most) return [...found.values()];
  throw badInput(
    'input-value-not-allowed',
    input,
    `${found.size} images`,
    `at most ${most}`,
    'Divide the list among several steps, or jobs of a matrix.',
  );
}

function referenceOrError(text: string, job: Job): Reference | TidegateError {
  try {
    return imageOf(text, job);
  } catch (error) {
    if (error instanceof TidegateError) return error;
    throw error;
  }
}

/** Assumed before a registry has answered. */
const FASTEST = 16;

/** Repositories that share connections, tokens and limits where they have the same registry and login. */
export interface RegistryPool {
  readonly of: (reference: Reference) => Registry;
  /** Current limit of concurrent requests of the slowest registry. */
  readonly concurrency: number;
  readonly close: () => void;
}

export function registryPool(inputs: RegistryInputs, job: Job, access: 'pull' | 'push'): RegistryPool {
  const opened = new Map<string, Registry>();
  const hosts = new Map<string, Registry>();
  const open = (reference: Reference): Registry => {
    // Such a login may be for one repository only.
    if (repositoryIdentity(reference, inputs, access, job)) return registryOf(reference, inputs, job, access);
    const registry = registryOf(reference, inputs, job, access, hosts.get(reference.registry));
    hosts.set(reference.registry, registry);
    return registry;
  };
  return {
    of: (reference) => {
      const name = `${reference.registry}/${reference.repository}`;
      const registry = opened.get(name) ?? open(reference);
      opened.set(name, registry);
      return registry;
    },
    get concurrency() {
      return Math.min(...[...opened.values()].map((one) => one.concurrency), FASTEST);
    },
    close: () => {
      for (const registry of opened.values()) registry.close();
    },
  };
}

/** @throws TidegateError `bad-input` if a password would be sent to several registries */
export function assertLoginsUnambiguous(
  { 'registry-username': username }: Pick<RegistryInputs, 'registry-username'>,
  lines: readonly ImageLine[],
): void {
  const hosts = new Set(
    lines.flatMap(({ reference }) => (reference instanceof TidegateError ? [] : [reference.registry])),
  );
  if (username === '' || hosts.size < 2) return;
  throw badInput(
    'input-conflict',
    'registry-username',
    username,
    `no value, because image names ${hosts.size} registries (${[...hosts].join(', ')}), and a password is for one`,
    'Log in to each with docker/login-action before this step.',
  );
}
