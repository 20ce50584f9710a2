import { trimBlanks, trimStart } from './characters.ts';

const KNOWN = new Set(['syntax', 'escape', 'check']);
const DIRECTIVE = /^([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=(.+)/s;

/** @returns key and value of a directive; undefined for every other line */
export function directiveIn(
  line: string,
  comment: string,
): { readonly key: string; readonly value: string } | undefined {
  const text = line.startsWith(comment) ? trimStart(line.slice(comment.length)) : '';
  const [, name = '', raw = ''] = DIRECTIVE.exec(text) ?? [];
  const key = name.toLowerCase();
  // If the value is only blanks, Go's pattern uses the last blank as the value.
  return KNOWN.has(key) ? { key, value: trimBlanks(raw) || raw.slice(-1) } : undefined;
}

/**
 * `# escape=`, `# syntax=`, `# check=`: only in the first lines, each once, before any other comment or instruction.
 */
export class Directives {
  readonly found = new Map<string, string>();
  #done = false;

  /** @returns whether the line is a directive. @throws Error for a duplicate or invalid directive. */
  take(line: string): boolean {
    if (this.#done) return false;
    const directive = directiveIn(line, '#');
    if (!directive) {
      this.#done = true;
      return false;
    }
    const { key, value } = directive;
    if (this.found.has(key)) throw new Error(`only one ${key} parser directive can be used`);
    if (key === 'escape' && value !== '\\' && value !== '`') {
      throw new Error(`invalid escape token '${value}' does not match \` or \\`);
    }
    this.found.set(key, value);
    return true;
  }

  get escape(): '\\' | '`' {
    return this.found.get('escape') === '`' ? '`' : '\\';
  }
}
