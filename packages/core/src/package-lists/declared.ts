/**
 * Package metadata as the tools of the language read them. A scanner drops a file for things that these tools accept: a
 * byte order mark, a field of another type, a second name. It does not find a package whose metadata it cannot read.
 */

import type { LanguagePackage } from '../contents/image-contents.ts';
import { nameOf } from '../contents/layer-path.ts';
import { isRecord, parsedJson } from '../text/json.ts';
import type { Declared, ListKind } from './listed.ts';

/** Syft's package type for such a list. Undefined for a list that is not of a language. */
export function languageOf(kind: ListKind): LanguagePackage['type'] | undefined {
  return LANGUAGES[kind]?.type;
}

/** The packages that such a list at `path` declares. Never throws. */
export function readDeclared(kind: ListKind, content: Buffer, path: string): readonly Declared[] {
  // Node, Python and PHP tools ignore a byte order mark.
  const text = content.toString('utf8').replace(/^\uFEFF/, '');
  return (LANGUAGES[kind]?.read(text, path) ?? []).filter(({ name, version }) => name !== '' && version !== '');
}

interface Language {
  readonly type: LanguagePackage['type'];
  readonly read: (text: string, path: string) => readonly Declared[];
}

const LANGUAGES: Readonly<Partial<Record<ListKind, Language>>> = {
  npm: { type: 'npm', read: (text) => ofObject(parsedJson(text)) },
  conda: { type: 'conda', read: (text) => ofObject(parsedJson(text)) },
  composer: { type: 'php-composer', read: (text) => ofComposer(parsedJson(text)) },
  python: { type: 'python', read: ofHeaders },
  gem: { type: 'gem', read: ofRuby },
};

/** Of two fields with one name the last one counts; names are case-sensitive. */
function ofObject(value: unknown): readonly Declared[] {
  const { name, version } = isRecord(value) ? value : {};
  return typeof name === 'string' && typeof version === 'string' ? [{ name, version }] : [];
}

/** Composer 2 writes `{"packages": […]}`, Composer 1 the array alone. */
function ofComposer(value: unknown): readonly Declared[] {
  const list = isRecord(value) ? value.packages : value;
  return Array.isArray(list) ? list.flatMap(ofObject) : [];
}

/** Core metadata: mail headers. Python's reader uses the first of two with the same name. */
function ofHeaders(text: string): readonly Declared[] {
  const found = new Map<string, string>();
  let open: string | undefined;
  // Python also ends a line at a single carriage return.
  for (const line of text.replace(/^[\r\n]+/, '').split(/\r\n|[\r\n]/)) {
    if (line === '') break;
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (open !== undefined) found.set(open, `${found.get(open)}\n${line}`);
      continue;
    }
    const colon = line.indexOf(':');
    const field = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    open = (field === 'name' || field === 'version') && !found.has(field) ? field : undefined;
    if (open !== undefined) found.set(open, line.slice(colon + 1));
  }
  const [name = '', version = ''] = ['name', 'version'].map((field) => found.get(field)?.trim());
  // The interpreter itself, as old eggs call it.
  return name === 'Python' ? [] : [{ name, version }];
}

/**
 * A gemspec as written by RubyGems at installation: one assignment per line. Comments are ignored. Ruby runs the file,
 * so it can compute its name or version; then the name of the file counts, NAME-VERSION[-PLATFORM].gemspec.
 */
function ofRuby(text: string, path: string): readonly Declared[] {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line.length > LONGEST_ASSIGNMENT) continue;
    const [, field = '', rest = ''] = /^\s*[a-z]\w*\.(name|version)\s*=\s*(\S.*)$/s.exec(line) ?? [];
    const [, , value] = /^(?:Gem::Version\.new\()?(?:%q)?(["'{])([^"'{}]+)["'}]/.exec(rest) ?? [];
    if (value !== undefined && !found.has(field)) found.set(field, value);
  }
  const { name = '', version = '' } = Object.fromEntries(found);
  if (name !== '' && version !== '') return [{ name, version }];
  const [, called = '', release = ''] = GEMSPEC.exec(nameOf(path)) ?? [];
  return [{ name: name || called, version: version || release }];
}

const GEMSPEC = /^(\S{1,200}?)-([0-9][0-9A-Za-z.]{0,100})(?:-[0-9A-Za-z_-]{1,100})?\.gemspec$/;
const LONGEST_ASSIGNMENT = 2048;
