import type { ErrorEntries } from './entry.ts';

/** TG19: images that manifests and Dockerfiles name. */
export const MANIFEST_ERRORS = {
  'manifest-unreadable': {
    code: 'TG1901',
    kind: 'bad-input',
    title: 'A manifest cannot be read',
    cause:
      'The file is not YAML that all programs read in the same way: it has a syntax error, a key twice in one mapping, an alias without an anchor, or another encoding than UTF-8, or it is too large or nested too deeply. It was not changed.',
    fix: 'Correct the file. Render templates of Helm first: only their result is YAML.',
  },
  'manifests-not-pinned': {
    code: 'TG1902',
    kind: 'gate',
    title: 'Manifests name images that must not be deployed as they are',
    cause:
      'An image is not pinned to a digest, its tag points to another digest now, it cannot be pinned in its place, or its verification failed. A digest is written only after the image passed. No file was changed.',
    fix: 'Not pinned, or the tag moved: run `pin-manifests` without `check`, and commit the changes. Failed verification: publish an image that passes, or correct the expected signer. Not found: correct the name, or log in. Not pinnable in its place: write the digest by hand. The log lists each image.',
  },
  'bases-not-current': {
    code: 'TG1903',
    kind: 'gate',
    title: 'Base images of Dockerfiles have moved, or cannot be read',
    cause:
      'The tag beside a pinned digest points to another digest now, or the registry did not return the image of that tag. No file was changed.',
    fix: 'Moved: run `pin-manifests` with `bases: true` and without `check`, or `tidegate pin --bases`. Not read: correct the name, or log in to the registry.',
  },
} as const satisfies ErrorEntries;
