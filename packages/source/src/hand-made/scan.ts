import type { Remark } from '../finding.ts';
import { Budget } from '../shell/budget.ts';
import { namesArchive } from './delivery.ts';
import type { HandMade } from './hand-made.ts';
import { CUT, handMadeByArguments, handMadeIn } from './judge.ts';
import { makefilePlaces } from './makefile.ts';
import { type Place, scriptFrom } from './places.ts';
import { programPlaces } from './program-places.ts';
import type { Language } from './program-tokens.ts';
import { justfilePlaces } from './recipes.ts';
import {
  crontabPlaces,
  earthfilePlaces,
  hclPlaces,
  iniPlaces,
  procfilePlaces,
  tomlPlaces,
  unitPlaces,
} from './small-formats.ts';
import { batchPlaces, powershellPlaces } from './windows-scripts.ts';
import { guessedKeysOf, isOtherYaml, yamlKeysOf } from './yaml-keys.ts';
import { jsonPlaces, yamlPlaces } from './yaml-places.ts';

type Reader = (text: string) => Place[];

/** In a program the engine and its verb are words in strings: most programs need no parsing. */
const NAMES_ENGINE = /["'`\s/;&|({<>[](?:docker|podman|nerdctl|buildah|ctr)(?:-compose)?(?:\.exe)?["'`\s)}\]]/;
const NAMES_VERB = /["'`\s([{,](?:commit|import|export|save|load|exec|run|cp|image|container|compose)["'`\s)}\],]/;
const CALLS_CLIENT = /[Cc]ontainer|[Ii]mage|\bdocker\b/;
const CLIENT_VERB =
  /[Cc]ommit|_image|[Ii]mageLoad|[Ll]oadImage|mageImport|images\.load|put_?[Aa]rchive|CopyTo|exec_run|\.export\(/;

const program =
  (language: Language): Reader =>
  (text) => {
    // Joins strings that are concatenated (`'dock' + 'er commit'`).
    const glued = text.replace(/["'`]\s{0,20}[+.]{0,2}\s{0,20}["'`]/g, '');
    const isNamed =
      [text, glued].some((one) => NAMES_ENGINE.test(one)) && [text, glued].some((one) => NAMES_VERB.test(one));
    const isClient = MAY_MATTER.test(text) && CALLS_CLIENT.test(text) && CLIENT_VERB.test(text);
    return isNamed || isClient ? programPlaces(text, language) : [];
  };
const shell: Reader = (text) => [scriptFrom(text)];

/** Start files of shells. */
const STARTUP =
  /(?:^|\/)\.(?:bashrc|bash_profile|bash_login|bash_logout|bash_aliases|profile|kshrc|zshrc|zshenv|zprofile|zlogin|zlogout)$/;

const READERS: readonly { readonly file: RegExp; readonly read: Reader }[] = [
  { file: /\.(?:sh|bash|zsh|ksh|fish|bats|envrc|command)$/i, read: shell },
  { file: /(?:^|\/)\.(?:husky|githooks)\/[^/.]+$/, read: shell },
  { file: STARTUP, read: shell },
  { file: /(?:^|\/)(?:GNUm|M|m)akefile[^/]*$|\.(?:mk|make)$/, read: makefilePlaces },
  { file: /(?:^|\/)\.?justfile$|\.just$/i, read: justfilePlaces },
  { file: /(?:^|\/)(?:package|composer|deno)\.jsonc?$/, read: jsonPlaces },
  { file: /\.pyw?$|(?:^|\/)(?:SConstruct|fabfile)$/, read: program('python') },
  { file: /\.[mc]?[jt]s$/, read: program('javascript') },
  { file: /(?:^|\/)Jenkinsfile[^/]*$|\.(?:groovy|gradle|gradle\.kts)$/, read: program('groovy') },
  { file: /\.(?:rb|rake)$|(?:^|\/)(?:Rakefile|Vagrantfile|Fastfile|Guardfile)$/, read: program('ruby') },
  { file: /\.go$/, read: program('go') },
  { file: /\.(?:pl|pm|t)$/, read: program('perl') },
  { file: /\.php$/, read: program('php') },
  { file: /\.(?:java|kt|kts|scala|cs)$/, read: program('java') },
  { file: /\.rs$/, read: program('rust') },
  { file: /\.(?:c|cc|cpp|h|hpp|swift)$/, read: program('c') },
  { file: /\.lua$/, read: program('lua') },
  { file: /\.psm?1$/, read: powershellPlaces },
  { file: /\.(?:bat|cmd)$/i, read: batchPlaces },
  { file: /\.(?:tf|hcl|tofu)$/, read: hclPlaces },
  { file: /\.(?:service|timer|socket|path)$/, read: unitPlaces },
  { file: /(?:^|\/)(?:crontab|[\w-]+\.cron)$|(?:^|\/)cron\.d\//, read: crontabPlaces },
  { file: /(?:^|\/)Procfile(?:\.\w+)?$/, read: procfilePlaces },
  { file: /(?:^|\/)(?:tox\.ini|setup\.cfg)$/, read: iniPlaces },
  { file: /\.toml$/, read: tomlPlaces },
  { file: /(?:^|\/)Earthfile$/, read: earthfilePlaces },
];

const SHEBANG: readonly { readonly line: RegExp; readonly read: Reader }[] = [
  { line: /^#!.*\b(?:ba|da|z|k|a)?sh\b/, read: shell },
  { line: /^#!.*\bpython[\d.]*\b/, read: program('python') },
  { line: /^#!.*\b(?:node|deno|bun|zx)\b/, read: program('javascript') },
  { line: /^#!.*\bruby\b/, read: program('ruby') },
  { line: /^#!.*\bperl\b/, read: program('perl') },
  { line: /^#!.*\bphp\b/, read: program('php') },
  { line: /^#!.*\bfish\b/, read: shell },
  { line: /^#!.*\bpwsh\b/, read: powershellPlaces },
  { line: /^#!.*\bmake\b/, read: makefilePlaces },
];

/** A quick check of files that mostly contain no commands. */
const MAY_MATTER = /docker|podman|nerdctl|buildah|\bctr\b|engine|container|oci_/i;
const VERBS = /commit|import|export|save|load|exec|\brun\b|\bcp\b/;
const ENCODED = /base64|xxd|\$'|\\x/;

/** A shell builds words from parts, so the check is useless for files of commands, such as scripts and workflows. */
function mayMatter(file: string, text: string): boolean {
  const isOther = isOtherYaml(file) && yamlKeysOf(file) === undefined;
  if (!isOther && !/\.(?:toml|tf|hcl|tofu|ini|cfg)$/.test(file)) return true;
  const bare = text.replace(/['"`\\^]/g, '');
  return (MAY_MATTER.test(bare) && VERBS.test(bare)) || ENCODED.test(text);
}

/** Extensions of text, templates and versions: such a file may be a script by its first line. */
const ANY_TEXT =
  /\.(?:txt|text|in|inc|tmpl|tpl|template|j2|jinja|dist|sample|example|orig|bak|old|run|cgi|script|tool|\d+)$/i;

/** Files that may contain commands, by name. For other names the first line decides. */
export function mayHoldCommands(file: string): boolean {
  const name = file.slice(file.lastIndexOf('/') + 1);
  return readerOf(file) !== undefined || !name.includes('.') || ANY_TEXT.test(name);
}

/**
 * Images made by hand, and containers changed by hand, in one file of a repository.
 * @throws Error for a file that cannot be parsed as its name suggests (invalid YAML).
 */
export function scanForHandMade(file: string, content: string): Remark[] {
  const text = content.replace(/^\ufeff/, '');
  const [firstLine = ''] = text.slice(0, 200).split('\n', 1);
  const read = readerOf(file) ?? SHEBANG.find(({ line }) => line.test(firstLine))?.read;
  if (!read || !mayMatter(file, text)) return [];
  const judged: { readonly remark: JudgedRemark; readonly scope: string }[] = [];
  const pushing = new Set<string>();
  const transfers: (readonly string[])[] = [];
  const budget = new Budget();
  for (const place of read(text)) {
    const scope = place.scope ?? '';
    if (place.kind === 'cut') {
      judged.push({ remark: { rule: CUT.rule, message: CUT.message, line: 1 }, scope });
      continue;
    }
    if (place.kind === 'upload') {
      transfers.push(place.words);
      continue;
    }
    const script =
      place.kind === 'arguments'
        ? handMadeByArguments(place.args, budget)
        : handMadeIn(place.text, budget, place.isRemote, place.setting);
    if (script.pushes) pushing.add(scope);
    transfers.push(...script.transfers);
    const lineOf = (offset: number) => (place.kind === 'arguments' ? place.line : place.lineAt(offset));
    for (const { offset, ...remark } of script.found)
      judged.push({ remark: { ...remark, line: lineOf(offset) }, scope });
    if (judged.length >= MOST) break;
  }
  return inOrder(judged.slice(0, MOST).map(({ remark, scope }) => levelled(remark, pushing.has(scope), transfers)));
}

type JudgedRemark = Remark & Pick<HandMade, 'carried'>;

/** Delivering an image as an archive is never acceptable; passing one between jobs only bypasses the registry. */
function levelled(
  { carried, ...remark }: JudgedRemark,
  pushes: boolean,
  transfers: readonly (readonly string[])[],
): Remark {
  if (!carried) return remark;
  const { verb, archive, isDelivered } = carried;
  const isSent = archive !== undefined && transfers.slice(0, MOST).some((words) => namesArchive(words, archive));
  if (isDelivered || isSent) return { ...remark, message: `${remark.message} to or from another machine.` };
  if (verb === 'load' && pushes) return { ...remark, message: `${remark.message}, and the same job pushes.` };
  return { ...remark, message: `${remark.message}.`, atMost: 'warning' };
}

/** Maximum number of findings of one file. */
const MOST = 1000;

function readerOf(file: string): Reader | undefined {
  const keys = yamlKeysOf(file);
  if (keys) return (text) => yamlPlaces(text, keys);
  const reader = READERS.find((one) => one.file.test(file))?.read;
  if (reader || !isOtherYaml(file)) return reader;
  return (text) => {
    const guessed = guessedKeysOf(text);
    return guessed ? yamlPlaces(text, guessed) : [];
  };
}

/** A command may be found twice: as a list, and as the argument of a call. */
function inOrder(remarks: readonly Remark[]): Remark[] {
  const seen = new Map(remarks.map((remark) => [`${remark.line} ${remark.rule} ${remark.message}`, remark]));
  return [...seen.values()].sort((one, other) => one.line - other.line);
}
