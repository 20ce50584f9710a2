/** Durations and sizes as people write them in inputs and policies. */

const MILLISECONDS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const;

/** `5d`, `36h`, `1d12h`. @returns milliseconds, or undefined for text that is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (!/^([0-9]+[dhms])+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9]+)([dhms])/gy)) {
    total += Number(amount) * MILLISECONDS[unit as keyof typeof MILLISECONDS];
  }
  return Number.isSafeInteger(total) ? total : undefined;
}

/** As docker reads sizes: units of 1024; `m`, `mb` and `MiB` are the same. @returns bytes, or undefined. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit = ''] = /^([0-9]+(?:\.[0-9]+)?) ?([kmgt]?)(?:i?b)?$/i.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const bytes = Number(amount) * 1024 ** ['', 'k', 'm', 'g', 't'].indexOf(unit.toLowerCase());
  return Number.isSafeInteger(Math.floor(bytes)) ? Math.floor(bytes) : undefined;
}
