import { type Field, type JsonSchema, listed, object } from './field.ts';
import { ociDigestReference, path, text } from './words.ts';

/** A reference to another policy that cannot change: by commit, by digest or by the hash of a file. */
export type ExtendsReference =
  | { readonly kind: 'git'; readonly url: string; readonly commit: string; readonly path: string }
  | { readonly kind: 'oci'; readonly reference: string }
  | { readonly kind: 'file'; readonly path: string; readonly sha256: string };

const DEFAULT_PATH = '.github/tidegate.yml';

const git = object(
  'A policy in another git repository.',
  {
    git: text(
      'URL of the repository.',
      'an https or ssh URL without a password',
      /^(https|ssh):\/\/(?!-)(git@)?[^\s:@/]+(:[0-9]+)?\/\S+$/,
    ),
    commit: text('The full commit hash.', 'a commit of 40 or 64 hex digits', /^([0-9a-f]{40}|[0-9a-f]{64})$/),
    path: path(`Path of the policy file in that repository. Default: ${DEFAULT_PATH}.`),
  },
  ['git', 'commit'],
);
const oci = object(
  'A policy in a registry: a manifest with the file as its only layer.',
  { oci: ociDigestReference('Reference of the manifest, by digest.') },
  ['oci'],
);
const file = object(
  'A policy in this repository, pinned by its hash so that it changes only together with this file.',
  { file: path('Path of the file.'), sha256: text('SHA-256 of the file.', '64 hex digits', /^[0-9a-f]{64}$/) },
  ['file', 'sha256'],
);

const KINDS = { git, oci, file } as const;
const schema: JsonSchema = { oneOf: Object.values(KINDS).map((kind) => kind.schema) };

/** One entry of `extends`: its keys decide which of the three kinds it is. */
export const extendsEntry: Field<ExtendsReference> = {
  description: 'Another policy, pinned.',
  schema,
  stricter: (first) => first,
  write(entry) {
    switch (entry.kind) {
      case 'git':
        return git.write({ git: entry.url, commit: entry.commit, path: entry.path });
      case 'oci':
        return oci.write({ oci: entry.reference });
      case 'file':
        return file.write({ file: entry.path, sha256: entry.sha256 });
    }
  },
  read(tree, key, reading) {
    const names = tree.kind === 'map' ? tree.entries.map((entry) => entry.key) : [];
    const kinds = (['git', 'oci', 'file'] as const).filter((kind) => names.includes(kind));
    const [kind] = kinds;
    if (kind === undefined || kinds.length > 1) {
      return reading.wrong(tree, key, `one of the keys ${listed(Object.keys(KINDS))}, with its pin`);
    }
    switch (kind) {
      case 'git': {
        const value = git.read(tree, key, reading);
        return value && { kind, url: value.git, commit: value.commit, path: value.path ?? DEFAULT_PATH };
      }
      case 'oci': {
        const value = oci.read(tree, key, reading);
        return value && { kind, reference: value.oci };
      }
      case 'file': {
        const value = file.read(tree, key, reading);
        return value && { kind, path: value.file, sha256: value.sha256 };
      }
    }
  },
};
