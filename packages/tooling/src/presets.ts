import { PRESET_FILES, PRESETS_VERSION, type PresetName } from '@tidegate/core';
import { stringify } from 'yaml';

const TITLES: Readonly<Record<PresetName, string>> = {
  observe: 'Reports everything; fails only on missing evidence and on credentials.',
  'no-worse': 'Like recommended, but a finding that the live image already has is only a warning.',
  recommended:
    'The default: fails on fixable and known exploited findings, packages hidden from scanners, and credentials.',
  strict:
    'Fails on all findings at or above high, findings without a severity, root, and base images that are not pinned.',
};

/** The presets as policy files, by path. */
export function presetPages(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(PRESET_FILES).map(([name, file]) => [
      `docs/policy/presets/${name}.yml`,
      `# The preset ${name}, version ${PRESETS_VERSION}. ${TITLES[name as PresetName]}\n${stringify(file, { aliasDuplicateObjects: false })}`,
    ]),
  );
}
