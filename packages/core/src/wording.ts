import { formatDuration } from './terminal.ts';

/** `1 finding`, `2 findings`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** An age in milliseconds; from two days on in days and hours: `5 d`, `6 d 3 h`. */
export function formatAge(milliseconds: number): string {
  const hours = Math.floor(milliseconds / 3_600_000);
  if (!(hours >= 48)) return formatDuration(milliseconds);
  if (!Number.isFinite(hours)) return 'any time';
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
