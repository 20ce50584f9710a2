import type { ErrorEntries } from './entry.ts';

/** TG8: image layouts, layers, and the disk. */
export const LAYOUT_ERRORS = {
  'layout-missing': {
    code: 'TG8001',
    kind: 'layout',
    title: 'This is not an image layout',
    cause: 'The folder does not exist, or lacks the files of an OCI image layout. A tar archive is not a layout.',
    fix: 'Use the folder that `build-image` wrote, in the same job, or pass it between jobs as an artifact.',
  },
  'layout-damaged': {
    code: 'TG8002',
    kind: 'layout',
    title: 'The image layout is damaged',
    cause: 'A file of the layout is not valid, or is not a regular file: another program wrote to it.',
    fix: 'Build the image again, and make sure that only Tidegate writes to the layout.',
  },
  'layout-unsupported': {
    code: 'TG8003',
    kind: 'layout',
    title: 'The image or layout is not supported',
    cause: 'The layout has another version, or the image has a form that Tidegate does not read.',
    fix: 'Build the image with `build-image`, or with another program that writes OCI images.',
  },
  'layout-file-access': {
    code: 'TG8004',
    kind: 'layout',
    title: 'A file of the image layout cannot be read or written',
    cause: 'The user of the step has no permission, or the disk is full.',
    fix: 'Check the permissions and the free space of the folder.',
  },
  'layout-content-missing': {
    code: 'TG8005',
    kind: 'not-found',
    title: 'A part of the image is missing in the layout',
    cause: 'A manifest, configuration, layer or tag that the layout should contain is not there.',
    fix: 'Build the image again. Between jobs, pass on the whole folder.',
  },
  'layout-not-empty': {
    code: 'TG8006',
    kind: 'conflict',
    title: 'The folder is not empty',
    cause: 'An image layout is only created in an empty folder, so that nothing is overwritten.',
    fix: 'Choose another folder, or remove this one.',
  },
  'layout-locked': {
    code: 'TG8007',
    kind: 'conflict',
    title: 'Another process writes to the image layout',
    cause: 'The layout is locked by another step or job on this machine, or by one that was killed.',
    fix: 'Wait until it ends. If it is no longer running, remove the lock file that the message names.',
  },
  'layout-image-count': {
    code: 'TG8008',
    kind: 'layout',
    title: 'The layout does not contain exactly one image',
    cause: 'A layout of Tidegate contains one image with its evidence. This one contains none, or several.',
    fix: 'Build an image into it first, and use a separate layout for each image.',
  },
  'layout-not-platform': {
    code: 'TG8009',
    kind: 'layout',
    title: 'This is not the image of one platform',
    cause: 'The operation needs the manifest of one platform, and got an index or something else.',
    fix: "Use the digest of one platform's manifest.",
  },
  'layer-absent': {
    code: 'TG8101',
    kind: 'layout',
    title: 'A layer is not in the layout, so it was not scanned',
    cause: 'A non-distributable layer is only referenced. Its content is not known, so the image cannot pass.',
    fix: 'Build without `prefer-nondist-layers`, so that BuildKit adds the layer to the layout.',
  },
  'layer-zstd-unsupported': {
    code: 'TG8102',
    kind: 'layout',
    title: 'A layer is compressed with zstd, which this Node does not support',
    cause: 'Node reads zstd from version 22.15 on.',
    fix: 'Use Node 24, or build with gzip.',
  },
  'layer-damaged': {
    code: 'TG8103',
    kind: 'integrity',
    title: 'A layer is not a valid archive',
    cause:
      'The layer cannot be decompressed or read as a tar archive, or unpacks to other content than the image says.',
    fix: 'Build the image again. If it still fails, check the tool that wrote the layer: it is faulty or malicious.',
  },
  'layer-bomb': {
    code: 'TG8104',
    kind: 'integrity',
    title: 'A layer looks like a decompression bomb',
    cause:
      'A small layer unpacks to a very large size, which would fill the disk of every machine that pulls the image.',
    fix: 'Remove large files of one repeated byte from the image.',
  },
  'image-inconsistent': {
    code: 'TG8105',
    kind: 'integrity',
    title: 'The manifests of the image are not valid',
    cause: 'A manifest, index or configuration breaks the OCI image specification, or contradicts another one.',
    fix: 'Build the image again. If it still fails, the tool that wrote it is broken or hostile.',
  },
  'disk-full': {
    code: 'TG8201',
    kind: 'disk',
    title: 'The machine is out of disk space or files',
    cause: "The disk of the runner is full, the user's quota is used up, or too many files are open.",
    fix: 'Free some space, for example by removing images and caches, or use a larger runner.',
  },
  'file-access': {
    code: 'TG8202',
    kind: 'disk',
    title: 'A file or folder cannot be read or written',
    cause: 'The user of the step lacks a permission, or a folder of the job is missing, read-only, or a file.',
    fix: 'Correct the folder that the message names, or set its variable to another folder.',
  },
} as const satisfies ErrorEntries;
