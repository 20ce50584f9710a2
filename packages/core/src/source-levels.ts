/** All source rules. packages/source has an entry for each; the compiler checks that both match. */
export const SOURCE_RULE_NAMES = [
  'dockerfile-unreadable',
  'foreign-frontend',
  'single-stage',
  'base-not-pinned',
  'base-latest',
  'root-user',
  'secret-in-image',
  'history-in-image',
  'build-tools-in-image',
  'package-cache-left',
  'download-unchecked',
  'piped-download',
  'state-in-container',
  'hand-made-image',
  'image-by-file',
  'container-changed',
  'manifest-image-latest',
  'manifest-image-not-pinned',
  'manifest-pull-policy',
  'manifest-root-user',
  'manifest-writable-root',
  'manifest-host-path',
  'manifest-state-lost',
  'manifest-log-file',
  'manifest-no-memory-limit',
  'ignore-without-reason',
  'ignore-unused',
  'file-not-read',
] as const;
export type SourceRuleName = (typeof SOURCE_RULE_NAMES)[number];

/** Strictest first: `error` fails, `warning` and `note` are reported, `off` is not looked for. */
export const SOURCE_LEVELS = ['error', 'warning', 'note', 'off'] as const;
export type SourceLevel = (typeof SOURCE_LEVELS)[number];

export type SourceLevels = Readonly<Partial<Record<SourceRuleName, SourceLevel>>>;
