import type { Explained } from '@tidegate/runner';
import type { Flag } from '../flags/flags.ts';
import { phrasesIn } from './phrases.ts';

/** Texts of errors name the inputs of a workflow and the steps of a job. A terminal has flags, commands and one run. */
export type Wording = (text: string) => string;

/** A failure in the words of the command line. Further lines of its message are output of programs and stay as they are. */
export function failureInFlags(failure: Explained, wording: Wording): Explained {
  const [first = '', ...more] = failure.message.split('\n');
  const entry = { ...failure.entry, title: wording(failure.entry.title) };
  return { ...failure, entry, message: [wording(first), ...more].join('\n'), next: wording(failure.next) };
}

/** @param flags of the command, from the inputs of its action */
export function wordingFor(flags: readonly Flag[]): Wording {
  const byInput = new Map(flags.flatMap((flag) => (flag.input === undefined ? [] : [[flag.input, flag] as const])));
  return (text) => outsideOfValues(text, (part) => flagsIn(phrasesIn(part), byInput)).trimEnd();
}

/** Values are quoted as in JSON, and belong to the user. A quote that is not closed begins none. */
function outsideOfValues(text: string, change: (part: string) => string): string {
  const parts: string[] = [];
  let from = 0;
  for (let open = text.indexOf('"'); open >= 0; open = text.indexOf('"', from)) {
    let end = open + 1;
    while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
    if (end >= text.length) break;
    parts.push(change(text.slice(from, open)), text.slice(open, end + 1));
    from = end + 1;
  }
  parts.push(change(text.slice(from)));
  return parts.join('');
}

/** The commands for the actions that texts name. */
export const COMMANDS: Readonly<Record<string, string>> = {
  'build-image': 'tidegate build',
  'lint-source': 'tidegate lint',
  'generate-sbom': 'tidegate sbom',
  'scan-image': 'tidegate scan',
  'test-image': 'tidegate test',
  'sign-image': 'tidegate sign',
  'push-image': 'tidegate push',
  'verify-image': 'tidegate verify',
  'pin-manifests': 'tidegate pin',
};

/** A name that is not part of a longer word, a path, a key of a policy, a `KEY=VALUE`, or a flag, and not an output. */
const NAME = /(?<!cosign |attestation |\boutput |[\w./@=-])[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?![\w/@=-]|\.\w)/g;
const AFTER_INPUT = /\b(?:[Tt]he )?[Ii]nputs? (?=[a-z])/g;
const AFTER_VERB = /(?<!\b[Nn]ever )\b(?:[Ss]et|[Rr]emove|[Gg]ive|pass) (?=[a-z])/g;
const ONE = /[a-z][a-z0-9-]*(?![\w/@=-]|\.\w)/y;
/** `name: value`, in code or in a sentence. */
const SETTING = /(?<![\w./@=-])(`?)([a-z][a-z0-9-]*): ([a-z][a-z0-9-]*)(?=[`,.;)]| (?:and|or|with|to|for|in)\b|$)/g;
const SEPARATOR = /, or |, | or | and /y;

/**
 * The names in `labels` or `labels, tags and key` after a word where a list of inputs is expected: only there, a name of
 * one word counts.
 */
function listsAfter(text: string, before: RegExp, change: (word: string, list: string) => string): string {
  let result = '';
  let from = 0;
  for (const { index, 0: word } of text.matchAll(before)) {
    if (index < from) continue;
    let end = index + word.length;
    for (let at: number | undefined = end; at !== undefined; at = matchEnd(SEPARATOR, text, end)) {
      const next = matchEnd(ONE, text, at);
      if (next === undefined) break;
      end = next;
    }
    result += text.slice(from, index) + change(word, text.slice(index + word.length, end));
    from = end;
  }
  return result + text.slice(from);
}

function matchEnd(expression: RegExp, text: string, at: number): number | undefined {
  expression.lastIndex = at;
  return expression.test(text) ? expression.lastIndex : undefined;
}

function flagsIn(text: string, byInput: ReadonlyMap<string, Flag>): string {
  const flagOf = (name: string) => {
    const flag = byInput.get(name);
    return flag === undefined ? name : `--${flag.name}`;
  };
  const isSwitch = (name: string) => byInput.has(name) && byInput.get(name)?.value === undefined;
  const switched = (name: string, value: string) => `--${value === 'true' ? '' : 'no-'}${name}`;
  const each = (list: string) => list.replace(NAME, flagOf);
  const named = listsAfter(text, AFTER_INPUT, (word, list) => (each(list) === list ? word + list : each(list)));
  const switches = named
    .replace(/\b([Ss])et `?([a-z][a-z0-9-]*)`? to (true|false)\b/g, (whole, s: string, name: string, value: string) =>
      isSwitch(name) ? `${s === 'S' ? 'Give' : 'give'} ${switched(name, value)}` : whole,
    )
    .replace(/`?(?<![\w./@=-])([a-z][a-z0-9-]*): (true|false)\b`?/g, (whole, name: string, value: string) =>
      isSwitch(name) ? switched(name, value) : whole,
    )
    .replace(/\bbecause ([a-z][a-z0-9-]*)(?= (?:is|has|names|plans) )/g, (_, name: string) => `because ${flagOf(name)}`)
    .replace(/\b(?:the )?[Ii]nput `([a-z][a-z0-9-]*)(: [a-z][a-z0-9-]*)?`/g, (_, name: string, value = '') => {
      return byInput.has(name) ? `${flagOf(name)}${String(value).replace(':', '')}` : `\`${name}${value}\``;
    })
    .replace(SETTING, (whole, mark: string, name: string, value: string) => {
      const flag = byInput.get(name);
      // Outside of code, a colon after a name may end a clause: only a value that the flag takes makes it a setting.
      return flag && (mark !== '' || flag.choices?.includes(value)) ? `${mark}${flagOf(name)} ${value}` : whole;
    });
  return listsAfter(switches, AFTER_VERB, (verb, list) => verb + each(list))
    .replace(/`([a-z][a-z0-9-]*)`/g, (whole, name: string) => (byInput.has(name) ? flagOf(name) : whole))
    .replace(NAME, (name) => COMMANDS[name] ?? (name.includes('-') ? flagOf(name) : name))
    .replace(/\b([Aa])n input\b/g, '$1 flag')
    .replace(/(?<!its )\binput(s?)\b/g, 'flag$1');
}
