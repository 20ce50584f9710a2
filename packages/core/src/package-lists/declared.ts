/**
 * What metadata of packages say to the tools of their own language. A scanner gives a file up for what these tools do
 * not mind: a byte order mark, a field of another type, a second name. A package that it does not read it does not find.
 */
import type { LanguagePackage } from '../contents/image-contents.ts';
import type { Declared, ListKind } from './listed.ts';
import { isObject } from './typed-json.ts';

/** Syft's word for packages of such a list. Undefined for a list that is none of a language. */
export function languageOf(kind: ListKind): LanguagePackage['type'] | undefined {
  return LANGUAGES[kind]?.type;
}

/** The packages that such a list declares. Never throws. */
export function readDeclared(kind: ListKind, content: Buffer): readonly Declared[] {
  // Node, Python and PHP tools leave a byte order mark out.
  const text = content.toString('utf8').replace(/^\uFEFF/, '');
  return (LANGUAGES[kind]?.read(text) ?? []).filter(({ name, version }) => name !== '' && version !== '');
}

interface Language {
  readonly type: LanguagePackage['type'];
  readonly read: (text: string) => readonly Declared[];
}

const LANGUAGES: Readonly<Partial<Record<ListKind, Language>>> = {
  npm: { type: 'npm', read: (text) => ofObject(parsed(text)) },
  conda: { type: 'conda', read: (text) => ofObject(parsed(text)) },
  composer: { type: 'php-composer', read: (text) => ofComposer(parsed(text)) },
  python: { type: 'python', read: ofHeaders },
  gem: { type: 'gem', read: ofRuby },
};

/** Of two fields of one name the last one counts, and another spelling is another field. */
function ofObject(value: unknown): readonly Declared[] {
  const { name, version } = isObject(value) ? value : {};
  return typeof name === 'string' && typeof version === 'string' ? [{ name, version }] : [];
}

/** Composer 2 writes `{"packages": […]}`, Composer 1 the array alone. */
function ofComposer(value: unknown): readonly Declared[] {
  const list = isObject(value) ? value.packages : value;
  return Array.isArray(list) ? list.flatMap(ofObject) : [];
}

/** Core metadata: mail headers. Python's reader takes the first of two that are called the same. */
function ofHeaders(text: string): readonly Declared[] {
  const found = new Map<string, string>();
  for (const line of text.replace(/^[\r\n]+/, '').split(/\r?\n/)) {
    if (line === '') break;
    const colon = line.indexOf(':');
    const field = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    if ((field === 'name' || field === 'version') && !found.has(field)) found.set(field, line.slice(colon + 1).trim());
  }
  const { name = '', version = '' } = Object.fromEntries(found);
  // The interpreter itself, as old eggs call it.
  return name === 'Python' ? [] : [{ name, version }];
}

/** A gemspec as RubyGems writes it when it installs: one assignment in a line. What a comment says is not run. */
function ofRuby(text: string): readonly Declared[] {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line.length > LONGEST_ASSIGNMENT) continue;
    const [, field = '', rest = ''] = /^\s*[a-z]\w*\.(name|version)\s*=\s*(\S.*)$/.exec(line) ?? [];
    const [, , value] = /^(?:Gem::Version\.new\()?(?:%q)?(["'{])([^"'{}]+)["'}]/.exec(rest) ?? [];
    if (value !== undefined && !found.has(field)) found.set(field, value);
  }
  const { name = '', version = '' } = Object.fromEntries(found);
  return [{ name, version }];
}

const LONGEST_ASSIGNMENT = 2048;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The language's own tools read nothing of it either.
    return undefined;
  }
}
