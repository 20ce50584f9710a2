export const PRESET_NAMES = ['strict', 'recommended', 'observe'] as const;
export type PresetName = (typeof PRESET_NAMES)[number];
export const DEFAULT_PRESET: PresetName = 'recommended';
