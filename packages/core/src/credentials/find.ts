import { groupBy } from '../group-by.ts';
import { type CredentialForm, FORMS } from './forms.ts';

export interface FoundCredential {
  readonly what: string;
  readonly at: number;
  /** For a private key, only the length of its beginning. */
  readonly length: number;
}

/** Source of a text: in `configuration`, weaker forms count as well. */
export type TextKind = 'file' | 'configuration';

/**
 * The credentials in a text, in order. Examples from documentation (AWS' `…EXAMPLE`, a run of one character) do not
 * count. Takes linear time: beginnings are found in one pass, the text after them has a maximum length, and the search
 * continues after each match.
 * @param text latin-1 is enough: all forms are ASCII
 */
export function credentialsIn(text: string, kind: TextKind): readonly FoundCredential[] {
  const found: FoundCredential[] = [];
  const begin = new RegExp(BEGIN, 'g');
  for (let match = begin.exec(text); match !== null; match = begin.exec(text)) {
    const credential = credentialAt(text, match.index, match[0], kind);
    if (!credential) continue;
    found.push(credential);
    begin.lastIndex = credential.at + credential.length;
  }
  return found;
}

/** One alternative per first letter: beginnings that share it are tried together. */
const BEGIN = [
  ...groupBy(
    FORMS.flatMap(({ begins }) => begins),
    (begin) => begin.charAt(0),
  ),
]
  .map(([first, begins]) => `${escaped(first)}(?:${begins.map((begin) => escaped(begin.slice(1))).join('|')})`)
  .join('|');

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}

function credentialAt(text: string, at: number, begin: string, kind: TextKind): FoundCredential | undefined {
  for (const form of FORMS) {
    if (!form.begins.includes(begin) || (form.configuration && kind === 'file')) continue;
    form.body.lastIndex = at + begin.length;
    const body = form.body.exec(text)?.[0];
    if (body !== undefined && isWhole(form, text, at, at + begin.length + body.length) && !isMadeUp(form, body)) {
      return { what: form.what, at, length: begin.length + body.length };
    }
  }
  return undefined;
}

/** In the middle of a word it is part of something else: base64, or a longer name. */
function isWhole({ anywhere }: CredentialForm, text: string, from: number, to: number): boolean {
  return anywhere === true || !(/[A-Za-z0-9_]/.test(text.charAt(from - 1)) || /[A-Za-z0-9]/.test(text.charAt(to)));
}

/** Placeholders that documentation and tests use in place of a secret. */
function isMadeUp({ anywhere }: CredentialForm, body: string): boolean {
  if (anywhere) return false;
  return /EXAMPLE|example|xxxx|XXXX|0000000|1234567|abcdefg/.test(body) || new Set(body).size < 8;
}
