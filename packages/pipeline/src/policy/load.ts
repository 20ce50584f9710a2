import {
  completed,
  defined,
  digestOf,
  type EffectivePolicy,
  type ExtendsReference,
  effectivePolicy,
  extending,
  hexOf,
  MAX_POLICY_BYTES,
  overridden,
  type PolicyFile,
  type PolicyValues,
  parseReference,
  type Reference,
  readPolicyFile,
  readVex,
  type SourcePolicy,
  TidegateError,
  type VexDocument,
} from '@tidegate/core';
import type { Registry } from '@tidegate/oci';
import { contentOf } from '../evidence/store.ts';
import type { GitServices } from './git-objects.ts';
import { gitSource } from './git-source.ts';
import type { PolicySource } from './source.ts';

export interface PolicyOptions {
  /** Location of the repository's own policy. */
  readonly source: PolicySource;
  readonly path: string;
  /** The user specified the path: a missing file is an error. */
  readonly named: boolean;
  /** Values of inputs. They override the repository's own file, but never a policy that the file extends. */
  readonly values: PolicyValues;
  readonly registry: (reference: Reference) => Registry;
}

export interface LoadedPolicy {
  readonly effective: EffectivePolicy;
  /** The same as a policy file: with the values of inputs, and merged with what it extends. */
  readonly file: PolicyFile;
}

/** Maximum depth of policies that extend each other. Pins cannot form a cycle; this limits a chain. */
const MAX_DEPTH = 4;

type LoadServices = GitServices;

interface Loaded {
  readonly file: PolicyFile;
  readonly vex: readonly VexDocument[];
  readonly setBy: SourcePolicy['setBy'];
}

/**
 * Load the effective policy: preset, repository's file and inputs, where each overrides the previous one, combined with
 * every policy that the file extends. For each value, written or default, the stricter one applies.
 * @throws TidegateError `bad-input` for a file that is missing, invalid, or does not match its pin.
 */
export async function loadPolicy(options: PolicyOptions, services: LoadServices): Promise<LoadedPolicy> {
  const { source, path, named, values, registry } = options;
  const bytes = await source.read(path);
  if (bytes === undefined) {
    if (named) throw missing(source.nameOf(path), 'Set the path of the policy file, or remove the input policy.');
    const file = overridden({ version: 1 }, values);
    return { file, effective: effectivePolicy(file) };
  }
  const { file, vex, setBy } = await load(source, path, bytes, values, 0, { registry, services });
  services.log.info(`Policy: ${source.nameOf(path)}.`);
  const { sources, ...effective } = effectivePolicy(file, vex);
  return { file, effective: { ...effective, sources: { ...sources, ...defined({ setBy }) } } };
}

interface Reach {
  readonly registry: PolicyOptions['registry'];
  readonly services: LoadServices;
}

async function load(
  source: PolicySource,
  path: string,
  bytes: Uint8Array,
  values: PolicyValues,
  depth: number,
  reach: Reach,
): Promise<Loaded> {
  const name = source.nameOf(path);
  // Include the defaults, so that the defaults of an extended policy are also a minimum.
  const said = await readPolicyFile(bytes, name);
  const own = completed(overridden(said, values));
  const vex: VexDocument[] = [];
  for (const document of own.vex ?? []) {
    const found = await source.read(document);
    if (!found) throw missing(source.nameOf(document), `Add it, or remove it from vex in ${name}.`);
    vex.push(readVex(found, source.nameOf(document)));
  }
  let file = own;
  for (const reference of own.extends ?? []) {
    if (depth === MAX_DEPTH) {
      throw new TidegateError('policy-too-deep', `${name} is extended through more than ${MAX_DEPTH} policies.`, {
        next: 'Extend the base policy directly.',
      });
    }
    const base = await loadBase(source, reference, depth + 1, reach);
    file = extending(file, base.file);
    vex.push(...base.vex);
    reach.services.log.info(`Policy: ${name} extends ${nameOf(reference)}.`);
  }
  const setBy = own.extends?.length ? 'extends' : said.sources ? 'file' : undefined;
  return { file, vex, setBy };
}

async function loadBase(
  source: PolicySource,
  reference: ExtendsReference,
  depth: number,
  reach: Reach,
): Promise<Loaded> {
  switch (reference.kind) {
    case 'file': {
      const { path, sha256 } = reference;
      const bytes = await source.read(path);
      if (!bytes) throw missing(source.nameOf(path), 'Add it, or remove it from extends.');
      if (hexOf(digestOf(bytes)) !== sha256) {
        throw new TidegateError(
          'policy-checksum-wrong',
          `${source.nameOf(path)} does not match the checksum in extends.`,
          {
            next: `If the change is intended, pin it: sha256: ${hexOf(digestOf(bytes))}.`,
          },
        );
      }
      return load(source, path, bytes, {}, depth, reach);
    }
    case 'git': {
      await using repository = gitSource(reference.url, reference.commit, reach.services);
      const bytes = await repository.read(reference.path);
      if (!bytes) throw missing(repository.nameOf(reference.path), 'Check path and commit under extends.');
      return await load(repository, reference.path, bytes, {}, depth, reach);
    }
    case 'oci': {
      const bytes = await fetchPolicy(parseReference(reference.reference), reach);
      const alone: PolicySource = {
        nameOf: (path) => (path === '' ? reference.reference : `${reference.reference}: ${path}`),
        read: async () => undefined,
      };
      return load(alone, '', bytes, {}, depth, reach);
    }
  }
}

/** Fetch the single layer of a manifest that is pinned by digest: the format that `oras push` creates for a file. */
async function fetchPolicy(reference: Reference, { registry, services }: Reach): Promise<Uint8Array> {
  const { digest } = reference;
  if (!digest) throw new TidegateError('policy-checksum-wrong', 'A policy in a registry must be referenced by digest.');
  const store = registry(reference);
  const { signal } = services;
  const { content } = await contentOf(store, await store.resolve(digest, { signal }));
  return store.fetchBytes(content, { limit: MAX_POLICY_BYTES, signal });
}

function nameOf(reference: ExtendsReference): string {
  switch (reference.kind) {
    case 'git':
      return `${reference.url} at ${reference.commit.slice(0, 12)}`;
    case 'oci':
      return reference.reference;
    case 'file':
      return reference.path;
  }
}

function missing(name: string, next: string): TidegateError {
  return new TidegateError('policy-missing', `There is no file ${name}.`, { next });
}
