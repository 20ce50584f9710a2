import { placesIn } from './inner-programs.ts';
import { type MakeVariables, madeText } from './make-text.ts';
import { blanked, type Place, scriptFrom } from './places.ts';

const ASSIGNS = /^(?:export\s+|override\s+)*([\w.-]+)\s*((?::{1,3}|[?+!])?=)(.*)/s;
const LANGUAGE = /^(?:\S*\/)?(python|node|ruby|perl|pwsh)/;

/** Maximum text of all expansions of a file. */
const MOST_TEXT = 500_000;

interface Line {
  readonly text: string;
  readonly isRecipe: boolean;
  /** A rule's first line, as written. */
  readonly name?: string | undefined;
}

/**
 * Recipes of a Makefile, one script for each rule: `make load` and `make push` are separate runs. Variables of the
 * file, `define` and `$(call …)` are resolved, and line numbers are kept.
 */
export function makefilePlaces(text: string): Place[] {
  const { lines, variables: set, rules, shells } = read(text);
  const variables = { get: (name: string) => set.get(name), budget: { left: MOST_TEXT + text.length } };
  const starts = [0, ...rules.filter((at) => at > 0)];
  const places = starts.flatMap((from, index): Place[] => {
    const to = starts[index + 1] ?? lines.length;
    const script = lines
      .slice(from, to)
      .map((line) => made(line, variables))
      .join('\n');
    const [, target] = /^([^\s:]+)\s*:/.exec(lines[from]?.name ?? '') ?? [];
    const language = shells.find((one) => one.target === '' || one.target === target)?.language;
    const scope = String(from);
    if (language) {
      const dedented = script.replace(/^\t/gm, '');
      return placesIn(language === 'pwsh' ? 'powershell' : language === 'node' ? 'javascript' : language, dedented).map(
        (place) => moved(place, from, scope),
      );
    }
    return [{ ...scriptFrom(script, from + 1), scope }];
  });
  return variables.budget.left < 0 ? [{ kind: 'cut' }, ...places] : places;
}

function moved(place: Place, by: number, scope: string): Place {
  if (place.kind === 'arguments') return { ...place, line: place.line + by, scope };
  return place.kind === 'script' ? { ...place, lineAt: (offset) => place.lineAt(offset) + by, scope } : place;
}

function made({ text, isRecipe }: Line, variables: MakeVariables): string {
  if (text.trim() === '') return text;
  const line = madeText(text, variables).replace(/\n/g, ' ; ');
  // `@`, `-` and `+` before a command belong to make, and may come from a variable: `$(Q)docker`.
  return isRecipe
    ? line.replace(/^([\t ]*)((?:[@+-]|\s)*)/, (_, blanks, marks) => blanks + blanked(marks)).replace(/;\s*@/g, ';  ')
    : line;
}

function read(text: string) {
  const variables = new Map<string, string>();
  const rules: number[] = [];
  const shells: { readonly target: string; readonly language: 'python' | 'node' | 'ruby' | 'perl' | 'pwsh' }[] = [];
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
      const [, target = '', language] = /^(?:([\w.%-]+)\s*:\s*)?SHELL\s*:?=(.*)/s.exec(line) ?? [];
      const [, program] = LANGUAGE.exec(language?.trimStart() ?? '') ?? [];
      if (program !== undefined) shells.push({ target, language: program as 'python' });
    }
    // `target: NAME := value` does not begin a recipe.
    if (!isRecipe && /^[^\t#=]+:(?!=)/.test(line) && !/^[^\t#=:]+:\s*[\w.-]+\s*[:?+]?=/.test(line)) rules.push(at);
    continues = isRecipe && /\\\s*$/.test(line);
    if (isRecipe)
      return { text: startsRecipe && prefix !== '\t' ? `\t${line.slice(prefix.length)}` : line, isRecipe: true };
    return { ...outside(line, variables), name: line };
  });
  return { lines, variables, rules, shells };
}

/** A line outside of a recipe: an assignment, a rule with a command after `;`, or nothing to run. */
function outside(line: string, variables: Map<string, string>): Line {
  // Target-specific variables are applied to all targets.
  const [own = line] = /^[^\t#=:]{1,200}:(?![:=])\s*(?=(?:export\s+)?[\w.-]+\s*[:?+]?=)/.test(line)
    ? [line.slice(line.indexOf(':') + 1).trimStart()]
    : [];
  const [, name, operator, value = ''] = ASSIGNS.exec(own) ?? [];
  if (name !== undefined) {
    if (operator === '!=') return { text: line.replace(/^[^=]*=/, (all) => blanked(all)), isRecipe: true };
    const before = operator === '+=' ? `${variables.get(name) ?? ''} ` : '';
    if (operator === '?=' ? !variables.has(name) : variables.size < 5000) {
      variables.set(name, `${before}${value.replace(/(?:^|\s)#.*/s, '').trim()}`.slice(0, 20_000));
    }
  } else {
    const [, target = '', command] = /^([^\t#=:]+:[^=;#]*;)(.*)$/.exec(line) ?? [];
    if (command !== undefined) return { text: blanked(target) + command, isRecipe: true };
  }
  // `X := $(shell docker …)` runs too.
  const shell = line.startsWith('#') ? -1 : line.indexOf('$(shell ');
  return { text: shell < 0 ? blanked(line) : blanked(line.slice(0, shell)) + line.slice(shell), isRecipe: false };
}
