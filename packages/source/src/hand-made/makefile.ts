import { madeText } from './make-text.ts';
import { placesIn } from './inner-programs.ts';
import { blanked, type Place, scriptFrom } from './places.ts';

const ASSIGNS = /^(?:export\s+|override\s+){0,2}([\w.-]{1,100})\s*(::?:?=|\?=|\+=|!=|=)\s*(.*)$/;
const LANGUAGE = /^(?:\S*\/)?(python|node|ruby|perl|pwsh)/;

interface Line {
  readonly text: string;
  readonly isRecipe: boolean;
}

/**
 * Recipes of a Makefile, a script for each rule: `make load` and `make push` are not one run. Variables that the file sets,
 * `define` and `$(call …)` are resolved, and each line stays on its line.
 */
export function makefilePlaces(text: string): Place[] {
  const { lines, variables, rules, shells } = read(text);
  const starts = [0, ...rules.filter((at) => at > 0)];
  return starts.flatMap((from, index): Place[] => {
    const to = starts[index + 1] ?? lines.length;
    const script = lines.slice(from, to).map((line) => made(line, variables)).join('\n');
    const language = shells.find(({ at }) => at >= from && at < to)?.language;
    const scope = String(from);
    if (language) {
      const dedented = script.replace(/^\t/gm, '');
      return placesIn(language === 'pwsh' ? 'powershell' : language === 'node' ? 'javascript' : language, dedented).map((place) => moved(place, from, scope));
    }
    return [{ ...scriptFrom(script, from + 1), scope }];
  });
}

function moved(place: Place, by: number, scope: string): Place {
  if (place.kind === 'arguments') return { ...place, line: place.line + by, scope };
  return place.kind === 'script' ? { ...place, lineAt: (offset) => place.lineAt(offset) + by, scope } : place;
}

function made({ text, isRecipe }: Line, variables: ReadonlyMap<string, string>): string {
  if (text.trim() === '') return text;
  const line = madeText(text, variables).replace(/\n/g, ' ; ');
  // `@`, `-` and `+` before a command are make's; a variable may bring them: `$(Q)docker`.
  return isRecipe ? line.replace(/^([\t ]*)((?:[@+-]|\s)*)/, (_, blanks, marks) => blanks + blanked(marks)).replace(/;\s*@/g, ';  ') : line;
}

function read(text: string) {
  const variables = new Map<string, string>();
  const rules: number[] = [];
  const shells: { readonly at: number; readonly language: 'python' | 'node' | 'ruby' | 'perl' | 'pwsh' }[] = [];
  let prefix = '\t';
  let continues = false;
  let defined: { readonly name: string; readonly body: string[] } | undefined;
  const lines = text.split('\n').map((line, at): Line => {
    if (defined) {
      if (/^\s*endef\b/.test(line)) {
        variables.set(defined.name, defined.body.join('\n'));
        defined = undefined;
      } else defined.body.push(line.trimStart());
      return { text: blanked(line), isRecipe: false };
    }
    const isRecipe = line.startsWith(prefix) || continues;
    const startsRecipe = line.startsWith(prefix) && !continues;
    if (!isRecipe) {
      const [, name] = /^\s*define\s+([\w.-]{1,100})/.exec(line) ?? [];
      if (name !== undefined) {
        defined = { name, body: [] };
        return { text: blanked(line), isRecipe: false };
      }
      const [, chosen] = /^\.RECIPEPREFIX\s*:?=\s*(\S)/.exec(line) ?? [];
      if (chosen !== undefined) prefix = chosen;
      const [, language] = /^[^\t#=]{0,200}SHELL\s*:?=\s*(.*)$/.exec(line) ?? [];
      const [, program] = LANGUAGE.exec(language ?? '') ?? [];
      if (program !== undefined) shells.push({ at, language: program as 'python' });
    }
    if (!isRecipe && /^[^\t#=]+:(?!=)/.test(line)) rules.push(at);
    continues = isRecipe && /\\\s*$/.test(line);
    if (isRecipe) return { text: startsRecipe && prefix !== '\t' ? `\t${line.slice(prefix.length)}` : line, isRecipe: true };
    return outside(line, variables);
  });
  return { lines, variables, rules, shells };
}

/** A line that is no recipe: an assignment, a rule with a command behind `;`, or nothing that runs. */
function outside(line: string, variables: Map<string, string>): Line {
  const [, name, operator, value = ''] = ASSIGNS.exec(line) ?? [];
  if (name !== undefined) {
    if (operator === '!=') return { text: line.replace(/^[^=]*=/, (all) => blanked(all)), isRecipe: true };
    const before = operator === '+=' ? `${variables.get(name) ?? ''} ` : '';
    if (operator === '?=' ? !variables.has(name) : variables.size < 5000) {
      variables.set(name, `${before}${value.replace(/(?:^|\s)#.*$/, '').trim()}`.slice(0, 20_000));
    }
  } else {
    const [, target = '', command] = /^([^\t#=:]+:[^=;#]*;)(.*)$/.exec(line) ?? [];
    if (command !== undefined) return { text: blanked(target) + command, isRecipe: true };
  }
  // `X := $(shell docker …)` runs too.
  const shell = line.startsWith('#') ? -1 : line.indexOf('$(shell ');
  return { text: shell < 0 ? blanked(line) : blanked(line.slice(0, shell)) + line.slice(shell), isRecipe: false };
}
