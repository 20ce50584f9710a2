/** Strictest first. */
export const PRESET_NAMES = ['strict', 'recommended', 'no-worse', 'observe'] as const;
export type PresetName = (typeof PRESET_NAMES)[number];
export const DEFAULT_PRESET: PresetName = 'recommended';
