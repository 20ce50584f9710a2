import { writeFigures } from '../bench/figures.ts';

/**
 * Counts of a suite, in test/faults/figures/NAME.json where FIGURES=1 asks for it: a run that only wants to know
 * whether all is well leaves the checkout as it is.
 */
export async function keepFigures(
  name: string,
  stage: 'faults' | 'e2e',
  figures: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (process.env.FIGURES !== '1') return;
  await writeFigures(name, { command: `FIGURES=1 npm test -- ${stage}`, ...figures }, import.meta.url);
}
