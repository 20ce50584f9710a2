/** buildx parses `key=value,…` options as one CSV record: a value with a comma or quote must be a quoted field. */
export function csvField(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
