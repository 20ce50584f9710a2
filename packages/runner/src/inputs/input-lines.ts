import { CsvError, parse } from 'csv-parse/sync';

/** One item of an input with one item per line. */
export interface InputLine {
  readonly text: string;
  /** Written between double quotes: it may contain line breaks, and its text is not trimmed. */
  readonly quoted: boolean;
  /** Number of its first line, from 1. */
  readonly line: number;
}

/** A line that cannot be parsed. Does not show its text, which may be a secret. */
export class UnreadableLine extends Error {
  /** Undefined if a quote is not closed: then it includes everything after it. */
  readonly line: number | undefined;

  constructor(line: number | undefined, why: string) {
    super(why);
    this.line = line;
  }
}

interface Field {
  readonly text: string;
  readonly quoted: boolean;
}

interface CsvRecord {
  readonly raw: string;
  readonly fields: readonly Field[];
  readonly line: number;
}

/**
 * The items of an input as docker's actions read them (docker/actions-toolkit, src/util.ts, getList with ignoreComma):
 * one per line, and `"KEY=line 1⏎line 2"` is one item of two lines, with inner quotes doubled. Those actions silently
 * drop the quotes around a part after a comma, and keep both quotes if text follows the closing one: here both fail,
 * because the value would differ from the written one.
 * @throws UnreadableLine
 */
export function inputLines(text: string): readonly InputLine[] {
  return recordsOf(text).flatMap(({ raw, fields, line }): InputLine | [] => {
    if (!raw.startsWith('"')) {
      if (fields.map((field) => field.text).join(',') !== raw) throw new UnreadableLine(line, AFTER_COMMA);
      return raw.trim() === '' ? [] : { text: raw, quoted: false, line };
    }
    const [only, ...others] = fields;
    if (only === undefined || others.length > 0 || raw !== inQuotes(only.text)) {
      throw new UnreadableLine(line, AFTER_QUOTE);
    }
    return only.text.trim() === '' ? [] : { text: only.text, quoted: true, line };
  });
}

/**
 * The records of an input with several comma-separated fields per line. Blanks around a field are dropped; a field
 * between double quotes is kept unchanged.
 * @throws UnreadableLine
 */
export function inputRecords(text: string): readonly { readonly fields: readonly string[]; readonly line: number }[] {
  return recordsOf(text, true).flatMap(({ raw, fields, line }) => {
    const written = fields.map((field) => (field.quoted ? inQuotes(field.text) : field.text));
    if (withoutBlanks(written.join(',')) !== withoutBlanks(raw)) throw new UnreadableLine(line, AFTER_QUOTE);
    return raw.trim() === '' ? [] : { fields: fields.map((field) => field.text), line };
  });
}

const AFTER_COMMA = 'a quote follows a comma';
const AFTER_QUOTE = 'text follows a closing quote';
const NOT_CLOSED = 'a quote is not closed';

function recordsOf(text: string, trim = false): CsvRecord[] {
  const options = {
    relax_quotes: true,
    relax_column_count: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    ltrim: trim,
    rtrim: trim,
    raw: true,
    cast: (value: string, { quoting }: { quoting: boolean }): Field => ({ text: value, quoted: quoting }),
  };
  try {
    const records = parse(text, options) as unknown as {
      readonly raw: string;
      readonly record: readonly Field[];
    }[];
    let next = 1;
    return records.map(({ raw, record }) => {
      const line = next;
      next += raw.match(/\r\n|[\r\n]/g)?.length ?? 0;
      // The library keeps the first half of `\r\n` after a record.
      return { raw: raw.replace(/(\r\n|[\r\n])$/, ''), fields: record, line };
    });
  } catch (error) {
    // The library's own message may quote the text.
    if (error instanceof CsvError) throw new UnreadableLine(undefined, NOT_CLOSED);
    throw error;
  }
}

/** Pairs that `inputLines` parses back: one per line, quoted if line breaks, quotes or blanks would otherwise be lost. */
export function outputLines(pairs: readonly (readonly [key: string, value: string])[]): string {
  return pairs
    .map(([key, value]) => `${key}=${value}`)
    .map((pair) => (/[\r\n"]|^\s|\s$/.test(pair) ? inQuotes(pair) : pair))
    .join('\n');
}

const inQuotes = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const withoutBlanks = (text: string): string => text.replace(/\s/g, '');
