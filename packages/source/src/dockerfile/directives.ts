import { trimBlanks, trimStart } from './characters.ts';

const KNOWN = new Set(['syntax', 'escape', 'check']);
const DIRECTIVE = /^([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=(.+)/s;

/** `# escape=`, `# syntax=`, `# check=`: only in the first lines, each once, before any other comment or instruction. */
export class Directives {
  readonly found = new Map<string, string>();
  #done = false;

  /** @returns whether the line is a directive. @throws Error for one that is there twice or says what cannot be. */
  take(line: string): boolean {
    if (this.#done) return false;
    const [, name = '', raw = ''] = line.startsWith('#') ? (DIRECTIVE.exec(trimStart(line.slice(1))) ?? []) : [];
    const key = name.toLowerCase();
    // Of blanks alone, Go's pattern takes the last for the value.
    const value = trimBlanks(raw) || raw.slice(-1);
    if (!KNOWN.has(key)) {
      this.#done = true;
      return false;
    }
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
