import { PRESET_FILES, PRESETS_VERSION, type PresetName } from '@tidegate/core';
import { stringify } from 'yaml';

const TITLES: Readonly<Record<PresetName, string>> = {
  observe: 'Reports everything; fails on missing evidence and on credentials alone.',
  'no-worse': 'As recommended, but a finding that the live image has already is only a warning.',
  recommended:
    'The default: fails on what can be fixed, is exploited, is hidden from scanners, or gives a credential away.',
  strict:
    'Fails on every finding from high on, on findings without a severity, on root and on bases that are not pinned.',
};

/** The presets as the policy files that they are, by their paths. */
export function presetPages(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(PRESET_FILES).map(([name, file]) => [
      `docs/policy/presets/${name}.yml`,
      `# The preset ${name}, version ${PRESETS_VERSION}. ${TITLES[name as PresetName]}\n${stringify(file, { aliasDuplicateObjects: false })}`,
    ]),
  );
}
