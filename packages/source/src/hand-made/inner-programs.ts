import type { ScriptLanguage } from '../shell/launch-parts.ts';
import type { Place } from './places.ts';
import { programPlaces } from './program-places.ts';
import { batchPlaces, powershellPlaces } from './windows-scripts.ts';

/** A text in another language that a shell runs: `python -c '…'`, `pwsh -c '…'`. */
export function placesIn(language: ScriptLanguage, text: string): readonly Place[] {
  if (language === 'powershell') return powershellPlaces(text);
  if (language === 'batch') return batchPlaces(text);
  return programPlaces(text, language);
}
