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

/** The largest amount of one unit: policy files accept seven digits. */
const MOST_OF_UNIT = 9_999_999;

/** `5d`, `1d12h`: the inverse of `parseDuration`. */
export function durationText(milliseconds: number): string {
  let left = milliseconds;
  let text = '';
  for (const [unit, length] of Object.entries(MILLISECONDS)) {
    for (let amount = Math.floor(left / length); amount > 0; amount = Math.floor(left / length)) {
      const taken = Math.min(amount, MOST_OF_UNIT);
      text += `${taken}${unit}`;
      left -= taken * length;
    }
  }
  return text === '' ? '0d' : text;
}

/** `64m`: the inverse of `parseSize`. A size of no whole unit is a number of bytes. */
export function sizeText(bytes: number): string | number {
  for (const [unit, power] of [
    ['g', 3],
    ['m', 2],
    ['k', 1],
  ] as const) {
    const amount = bytes / 1024 ** power;
    if (amount >= 1 && Number.isInteger(amount)) return `${amount}${unit}`;
  }
  return bytes;
}
