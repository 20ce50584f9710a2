/**
 * The fields of one line of comma-separated values (RFC 4180): a field in double quotes may contain commas, and quotes
 * that are doubled. docker/metadata-action reads its lines this way.
 * @returns undefined for a quote that is not closed, or inside a field that is not quoted
 */
export function csvFields(line: string): readonly string[] | undefined {
  const fields: string[] = [];
  let at = 0;
  while (at <= line.length) {
    if (line[at] === '"') {
      const quoted = quotedField(line, at + 1);
      if (!quoted || (quoted.end < line.length && line[quoted.end] !== ',')) return undefined;
      fields.push(quoted.text);
      at = quoted.end + 1;
    } else {
      const comma = line.indexOf(',', at);
      const end = comma < 0 ? line.length : comma;
      const text = line.slice(at, end);
      if (text.includes('"')) return undefined;
      fields.push(text);
      at = end + 1;
    }
  }
  return fields;
}

function quotedField(line: string, start: number): { readonly text: string; readonly end: number } | undefined {
  let text = '';
  let at = start;
  for (;;) {
    const quote = line.indexOf('"', at);
    if (quote < 0) return undefined;
    text += line.slice(at, quote);
    if (line[quote + 1] !== '"') return { text, end: quote + 1 };
    text += '"';
    at = quote + 2;
  }
}

/** One field, in quotes if it needs them. */
export function csvField(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
