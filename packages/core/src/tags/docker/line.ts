import { GLOBAL_EXPRESSIONS, globalTemplate } from './expressions.ts';
import { csvField, csvFields } from './fields.ts';
import type { Flavor } from './flavor.ts';
import { type Template, TemplateError } from './template.ts';

const TYPES = ['schedule', 'semver', 'pep440', 'match', 'edge', 'ref', 'raw', 'sha'] as const;
export type DockerType = (typeof TYPES)[number];

/** docker/metadata-action, README, "priority attribute". */
const PRIORITIES: Readonly<Record<DockerType, number>> = {
  schedule: 1000,
  semver: 900,
  pep440: 900,
  match: 800,
  edge: 700,
  ref: 600,
  raw: 200,
  sha: 100,
};

/** Attributes of docker/metadata-action. As there, one of another type has no effect. */
const ATTRIBUTES: readonly string[] = [
  ...['enable', 'priority', 'prefix', 'suffix', 'pattern', 'value', 'match', 'group', 'branch', 'event', 'format'],
  'onlatest',
];
/** Written by `plan` for another job. `as=latest`: the rule's versions decide on `latest`. */
const OWN_ATTRIBUTES: readonly string[] = ['only', 'decided', 'as'];

/** A line of docker/metadata-action's input `tags`. */
export interface DockerLine {
  readonly type: DockerType;
  readonly enable: Template;
  readonly priority: number;
  readonly prefix: Template;
  readonly suffix: Template;
  /** The prefix is the line's and not the flavor's: it tells git tags from branches. */
  readonly ownPrefix: boolean;
  /** Of `schedule`, `semver` and `pep440`. */
  readonly pattern: Template;
  readonly value?: Template | undefined;
  /** `match=` of versions, `pattern=` of the type `match`. */
  readonly match?: RegExp | undefined;
  readonly group: number;
  /** Of `edge`. Default: the default branch. */
  readonly branch?: string | undefined;
  readonly event?: 'branch' | 'tag' | 'pr' | undefined;
  readonly isLong: boolean;
  readonly isLatest: boolean;
  /** As written, in the order of `text`. */
  readonly attributes: ReadonlyMap<string, string>;
  /** The line without `only=` and `decided=`; one that another job decides on again has the flavor in it. */
  readonly text: string;
}

export interface WrittenLine {
  readonly line: DockerLine;
  readonly only?: string | undefined;
  readonly decided?: string | undefined;
}

/** The error in a line: the expected value, and the correction. */
export class LineError extends Error {
  readonly next: string;

  constructor(expected: string, next: string) {
    super(expected);
    this.name = 'LineError';
    this.next = next;
  }
}

const SYNTAX = 'type=TYPE,ATTRIBUTE=VALUE,… of docker/metadata-action';

/**
 * Whether a line is docker/metadata-action's and not one of the short rules. Without a type, it is a tag with
 * attributes.
 */
export function isDockerLine(line: string, shortRules: readonly string[]): boolean {
  const fields = csvFields(line) ?? line.split(',');
  const keys = fields.map((field) => keyOf(field));
  if (keys.includes('type')) return true;
  const [word = ''] = line.split(/[,=]/, 1);
  const isShort = shortRules.includes(word) && !line.startsWith('latest,');
  return !isShort && ['enable', 'priority', 'value'].some((key) => keys.includes(key));
}

/** `type` of `type=sha`; undefined for a value alone. */
function keyOf(field: string): string | undefined {
  const equals = field.indexOf('=', 1);
  return equals < 0 ? undefined : field.slice(0, equals).replaceAll('"', '').trim().toLowerCase();
}

/** @throws LineError */
export function parseDockerLine(text: string, flavor: Flavor): WrittenLine {
  const fields = csvFields(text);
  if (!fields) throw new LineError(SYNTAX, "Quote a whole field, as in \"pattern={{date ''D''}}\".");
  const attributes = new Map<string, string>();
  for (const field of fields) {
    const written = keyOf(field);
    const value = (written === undefined ? field : field.slice(field.indexOf('=', 1) + 1)).trim();
    if (written === undefined && value === '') continue;
    const key = written ?? 'value';
    if (key !== 'type' && !ATTRIBUTES.includes(key) && !OWN_ATTRIBUTES.includes(key)) {
      throw new LineError(`attributes of docker/metadata-action: ${ATTRIBUTES.join(', ')}`, `Remove ${key}=.`);
    }
    attributes.set(key, value);
  }
  const [only, decided] = [attributes.get('only'), attributes.get('decided')];
  attributes.delete('only');
  attributes.delete('decided');
  // A rule that `plan` wrote has its prefix and suffix already.
  return { line: lineOf(attributes, decided === undefined ? flavor : undefined), only, decided };
}

/** @throws LineError */
function lineOf(written: ReadonlyMap<string, string>, flavor?: Flavor): DockerLine {
  const attributes = new Map(written);
  const type = typeOf(attributes.get('type') ?? 'raw');
  attributes.delete('type');
  if (type === 'sha' && !attributes.has('prefix')) attributes.set('prefix', 'sha-');
  if (type === 'ref' && attributes.get('event') === 'pr' && !attributes.has('prefix')) attributes.set('prefix', 'pr-');
  const asWritten = new Map(written);
  asWritten.delete('type');
  const ownPrefix = attributes.has('prefix');
  if (flavor?.prefix && !ownPrefix) attributes.set('prefix', flavor.prefix);
  if (flavor?.suffix && !attributes.has('suffix')) attributes.set('suffix', flavor.suffix);
  const attribute = (name: string, fallback = '') => attributes.get(name) ?? fallback;
  const template = (name: string, fallback = '', known: readonly string[] = GLOBAL_EXPRESSIONS) =>
    templateOf(attribute(name, fallback), known);
  return {
    type,
    enable: enableOf(template('enable', 'true')),
    priority: priorityOf(attribute('priority', String(PRIORITIES[type]))),
    prefix: template('prefix'),
    suffix: template('suffix'),
    ownPrefix: ownPrefix && attribute('prefix') !== '',
    pattern: patternOf(type, attributes),
    value: attribute('value') === '' ? undefined : template('value'),
    ...matching(type, attributes),
    branch: attribute('branch') || undefined,
    event: type === 'ref' ? eventOf(attribute('event')) : undefined,
    isLong: type === 'sha' && formatOf(attribute('format', 'short')) === 'long',
    isLatest: attribute('as') === 'latest',
    attributes,
    text: textOf(type, isOfVersions(type) ? attributes : asWritten),
  };
}

/** Types of tags that several versions share, so that another job has to look at the versions again. */
export function isOfVersions(type: DockerType): type is 'semver' | 'pep440' | 'match' {
  return type === 'semver' || type === 'pep440' || type === 'match';
}

function textOf(type: DockerType, attributes: ReadonlyMap<string, string>): string {
  return [`type=${type}`, ...[...attributes].map(([key, value]) => csvField(`${key}=${value}`))].join(',');
}

/** The line that decides on `latest` by the versions of this one. */
export function asLatest(line: DockerLine, flavor: Flavor): DockerLine {
  const attributes = new Map(line.attributes);
  attributes.set('prefix', flavor.prefixLatest ? flavor.prefix : '');
  attributes.set('suffix', flavor.suffixLatest ? flavor.suffix : '');
  attributes.set('as', 'latest');
  return lineOf(new Map([['type', line.type], ...attributes]));
}

function typeOf(text: string): DockerType {
  const found = TYPES.find((type) => type === text);
  if (found) return found;
  throw new LineError(`type=${TYPES.join(', type=')}`, 'Choose one of these types, or write a short rule: semver.');
}

function templateOf(text: string, known: readonly string[]): Template {
  try {
    return globalTemplate(text, known);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new LineError(`expressions of docker/metadata-action (${error.message})`, error.next);
  }
}

function enableOf(template: Template): Template {
  const [first = '', second] = template.parts;
  if (typeof first !== 'string' || second !== undefined || first === 'true' || first === 'false') return template;
  throw new LineError('enable=true or enable=false', 'Write for example enable={{is_default_branch}}.');
}

function priorityOf(text: string): number {
  if (/^-?[0-9]{1,9}$/.test(text)) return Number(text);
  throw new LineError('priority=NUMBER', 'Write for example priority=900.');
}

const VERSION_EXPRESSIONS = ['raw', 'version', 'major', 'minor', 'patch'] as const;

function patternOf(type: DockerType, attributes: ReadonlyMap<string, string>): Template {
  const text = attributes.get('pattern');
  if (type === 'schedule') return templateOf(text ?? 'nightly', ['date', 'commit_date']);
  if (type !== 'semver' && type !== 'pep440') return templateOf('', []);
  if (text === undefined) throw new LineError(`type=${type} with pattern=`, `Write type=${type},pattern={{version}}.`);
  return templateOf(text, VERSION_EXPRESSIONS);
}

/** Maximum length of an expression that matches names, in characters. */
const LONGEST_MATCH = 200;

function matching(type: DockerType, attributes: ReadonlyMap<string, string>): Pick<DockerLine, 'match' | 'group'> {
  if (type === 'semver' || type === 'pep440') {
    const source = attributes.get('match') ?? '';
    if (source === '') return { group: 1 };
    const match = compiled(source, '', 'match');
    if (groupsOf(source) > 0) return { match, group: 1 };
    throw new LineError('match= with a group', 'Put the version in parentheses, for example match=app/v(.*).');
  }
  if (type !== 'match') return { group: 0 };
  const written = attributes.get('pattern');
  if (!written) throw new LineError('type=match with pattern=', 'Write for example type=match,pattern=v(.*),group=1.');
  const { source, flags } = sourceAndFlags(written);
  const group = attributes.get('group') ?? '0';
  const match = compiled(source, flags, 'pattern');
  if (/^[0-9]{1,3}$/.test(group) && Number(group) <= groupsOf(source)) return { match, group: Number(group) };
  throw new LineError(`group= with a number up to ${groupsOf(source)}, the groups of the pattern`, 'Correct group=.');
}

/** `/v(.*)/i`, or the expression alone. */
function sourceAndFlags(written: string): { readonly source: string; readonly flags: string } {
  const last = written.lastIndexOf('/');
  if (!written.startsWith('/') || last < 2) return { source: written, flags: '' };
  return { source: written.slice(1, last), flags: written.slice(last + 1) };
}

/** Expressions are not anchored, as in docker/metadata-action. */
function compiled(source: string, flags: string, attribute: string): RegExp {
  try {
    if (source.length > LONGEST_MATCH || /[^imsu]/.test(flags)) throw new SyntaxError('too long');
    return new RegExp(source, flags);
  } catch {
    throw new LineError(
      `${attribute}= with a regular expression of at most ${LONGEST_MATCH} characters`,
      `Write for example ${attribute}=v(.*); flags are i, m, s and u, as in /v(.*)/i.`,
    );
  }
}

function groupsOf(source: string): number {
  return (new RegExp(`(?:${source})|`).exec('')?.length ?? 1) - 1;
}

function eventOf(text: string): 'branch' | 'tag' | 'pr' {
  if (text === 'branch' || text === 'tag' || text === 'pr') return text;
  throw new LineError('type=ref with event=branch, event=tag or event=pr', 'Add one of the three events.');
}

function formatOf(text: string): 'short' | 'long' {
  if (text === 'short' || text === 'long') return text;
  throw new LineError('format=short or format=long', 'Choose one of the two.');
}
