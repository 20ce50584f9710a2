import { type Field, type JsonSchema, listed, object } from './field.ts';
import { ociDigestReference, path, text } from './words.ts';

/** Another policy, named so that it cannot change: by commit, by digest or by the hash of a file. */
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
    commit: text('The commit, in full.', 'a commit of 40 or 64 hex digits', /^([0-9a-f]{40}|[0-9a-f]{64})$/),
    path: path(`The file there. Default: ${DEFAULT_PATH}.`),
  },
  ['git', 'commit'],
);
const oci = object(
  'A policy in a registry: a manifest whose one layer is the file.',
  { oci: ociDigestReference('The manifest, by digest.') },
  ['oci'],
);
const file = object(
  'A policy in this repository, held to its hash so that it only changes together with this file.',
  { file: path('The file.'), sha256: text('SHA-256 of the file.', '64 hex digits', /^[0-9a-f]{64}$/) },
  ['file', 'sha256'],
);

const KINDS = { git, oci, file } as const;
const schema: JsonSchema = { oneOf: Object.values(KINDS).map((kind) => kind.schema) };

/** One entry of `extends`: which of the three it is shows in its keys. */
export const extendsEntry: Field<ExtendsReference> = {
  description: 'Another policy, pinned.',
  schema,
  stricter: (first) => first,
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
