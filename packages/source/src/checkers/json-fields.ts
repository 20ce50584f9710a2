export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Lines and columns count from 1; any other value is undefined. */
export function lineOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 ? value : undefined;
}
