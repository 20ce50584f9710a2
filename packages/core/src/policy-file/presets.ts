/** The built-in policies, as policy files; docs/policy/presets shows them. */
import type { SourceLevels } from '../source-levels.ts';
import { POLICY_FILE, type PolicyFile } from './definition.ts';
import type { PresetName } from './preset-names.ts';
import { Reading } from './problem.ts';
import { treeOf } from './tree.ts';

/** Increased with every change of a preset. */
export const PRESETS_VERSION = 5;

const EVIDENCE = {
  evidence: {
    require: ['provenance', 'sbom', 'scan', 'verdict', 'signature'],
    'max-scan-age': '1d',
    'allow-empty-sbom': false,
  },
  database: { 'max-age': '5d' },
} as const;

const LEVELS: Required<SourceLevels> = {
  'dockerfile-unreadable': 'error',
  'foreign-frontend': 'error',
  'single-stage': 'warning',
  'base-not-pinned': 'warning',
  'base-latest': 'warning',
  'root-user': 'warning',
  'secret-in-image': 'error',
  'history-in-image': 'warning',
  'build-tools-in-image': 'warning',
  'package-cache-left': 'warning',
  'download-unchecked': 'warning',
  'piped-download': 'warning',
  'state-in-container': 'warning',
  'hand-made-image': 'error',
  'image-by-file': 'error',
  'container-changed': 'error',
  'manifest-image-latest': 'warning',
  'manifest-image-not-pinned': 'warning',
  'manifest-pull-policy': 'note',
  'manifest-root-user': 'warning',
  'manifest-writable-root': 'warning',
  'manifest-host-path': 'warning',
  'manifest-state-lost': 'warning',
  'manifest-log-file': 'warning',
  'manifest-no-memory-limit': 'note',
  'ignore-without-reason': 'warning',
  'ignore-unused': 'warning',
  'file-not-read': 'note',
};

const RECOMMENDED = {
  version: 1,
  vulnerabilities: {
    'fail-on': 'high',
    'unknown-severity': 'report',
    'only-fixed': true,
    'fix-grace': '7d',
    'known-exploited': 'fail',
    'already-live': 'fail',
  },
  // Debian 12 is past its end of life, but its packages still get security updates.
  distribution: { 'end-of-life': 'report' },
  contents: { secrets: 'fail', history: 'report', 'hidden-packages': 'fail' },
  ...EVIDENCE,
  sources: { levels: LEVELS },
} as const;

const EVERY_ERROR_A_WARNING = Object.fromEntries(
  Object.entries(LEVELS).map(([rule, level]) => [rule, level === 'error' ? 'warning' : level]),
);

/** Each preset, as the content of a policy file. */
export const PRESET_FILES = {
  observe: {
    ...RECOMMENDED,
    vulnerabilities: {
      'fail-on': 'none',
      'unknown-severity': 'report',
      'only-fixed': false,
      'fix-grace': '0d',
      'known-exploited': 'report',
      'already-live': 'fail',
    },
    contents: { secrets: 'fail', history: 'report', 'hidden-packages': 'report' },
    sources: { levels: { ...EVERY_ERROR_A_WARNING, 'secret-in-image': 'error' } },
  },
  'no-worse': {
    ...RECOMMENDED,
    vulnerabilities: { ...RECOMMENDED.vulnerabilities, 'already-live': 'report' },
  },
  recommended: RECOMMENDED,
  strict: {
    ...RECOMMENDED,
    vulnerabilities: {
      'fail-on': 'high',
      'unknown-severity': 'fail',
      'only-fixed': false,
      'fix-grace': '0d',
      'known-exploited': 'fail',
      'already-live': 'fail',
    },
    distribution: { 'end-of-life': 'fail' },
    contents: { secrets: 'fail', history: 'fail', 'hidden-packages': 'fail' },
    image: { 'non-root': true },
    sources: {
      levels: {
        ...LEVELS,
        'base-not-pinned': 'error',
        'base-latest': 'error',
        'root-user': 'error',
        'ignore-without-reason': 'error',
        'history-in-image': 'error',
        'download-unchecked': 'error',
        'piped-download': 'error',
        'manifest-image-latest': 'error',
        'manifest-image-not-pinned': 'error',
        'manifest-root-user': 'error',
      },
    },
  },
} as const satisfies Record<PresetName, unknown>;

/** @returns the preset, read like a policy file */
export function presetPolicy(name: PresetName): PolicyFile {
  const reading = new Reading(`the preset ${name}`);
  const policy = POLICY_FILE.read(treeOf(PRESET_FILES[name]), '', reading);
  reading.finish();
  if (!policy) throw new Error(`The preset ${name} cannot be read.`);
  return policy;
}
