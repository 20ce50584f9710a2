import { placesIn } from './inner-programs.ts';
import { blanked, type Place, scriptFrom } from './places.ts';

/**
 * Recipes of a justfile, one script each: its indented lines. `{{name}}` is a variable of the file or a parameter of
 * the recipe.
 */
export function justfilePlaces(text: string): Place[] {
  const rules: number[] = [];
  const lines = text.split('\n').map((line, at) => {
    if (/^[@\w-][^=]*:(?!=)|^[@\w-][^:]*:(?!=)/.test(line)) rules.push(at);
    if (/^[ \t]/.test(line)) return line.replace(/^([ \t]+)([@-]+)/, (_, blanks, marks) => blanks + blanked(marks));
    return assigned(line);
  });
  const starts = [0, ...rules.filter((at) => at > 0)];
  const settings = lines
    .map((line) => (/^[\w-]+=/.test(line) ? line : ''))
    .filter((line) => line !== '' && !line.includes('$('));
  const before = settings.slice(0, 200).join(';');
  return starts.flatMap((from, at): Place[] => {
    const own = lines.slice(from, starts[at + 1]).map(variables);
    const language = languageOf(own);
    const scope = String(from);
    if (language) {
      return placesIn(language, own.map((line) => line.replace(/^(?: {4}|\t)/, '')).join('\n')).map((place) => {
        if (place.kind === 'arguments') return { ...place, line: place.line + from, scope };
        return place.kind === 'script' ? { ...place, lineAt: (offset) => place.lineAt(offset) + from, scope } : place;
      });
    }
    // Variables of the file apply in every recipe, so they are placed before the first line.
    const script = [`${before};${own[0] ?? ''}`, ...own.slice(1)].join('\n');
    return [{ ...scriptFrom(script, from + 1), scope }];
  });
}

/** `name := "value"`, and the defaults of `recipe name="value":`. */
function assigned(line: string): string {
  const [, name, value = ''] = /^(?:export\s+)?([\w-]{1,80})\s*:=\s*(.*)$/.exec(line) ?? [];
  if (name !== undefined) {
    const [, command] = /^`([^`]*)`/.exec(value) ?? [];
    const [, text] = /^(?:"([^"]*)"|'[^']*')/.exec(value) ?? [];
    if (command !== undefined) return `${name.replaceAll('-', '_')}=$(${command})`;
    return text === undefined ? blanked(line) : `${name.replaceAll('-', '_')}='${text.replaceAll("'", '')}'`;
  }
  const defaults = [...line.slice(0, 500).matchAll(/\s[+*$]*([\w-]+)=(?:"([^"']*)"|'([^"']*)')/g)];
  const isRecipe = /^[@\w-]/.test(line) && line.slice(0, 402).includes(':');
  if (!isRecipe || defaults.length === 0) return blanked(line);
  return defaults.map(([, key = '', one, other]) => `${key.replaceAll('-', '_')}='${one ?? other}'`).join(';');
}

function variables(line: string): string {
  return line.replace(/\{\{\s*([\w-]+)\s*\}\}/g, (_, name: string) => `\${${name.replaceAll('-', '_')}}`);
}

function languageOf(lines: readonly string[]) {
  const first = lines.slice(1).find((line) => line.trim() !== '') ?? '';
  if (!/^\s+#!/.test(first)) return undefined;
  const [path = '', argument = ''] = first.trim().slice(2).trim().split(/\s+/);
  const names = path.split('/').slice(1);
  if (names.at(-1) === 'env') names.push(argument);
  const program = names.map((name) => /^(?:python|node|ruby|perl|pwsh)/.exec(name)?.[0]).findLast(Boolean);
  if (program === undefined) return undefined;
  return program === 'pwsh'
    ? 'powershell'
    : program === 'node'
      ? 'javascript'
      : (program as 'python' | 'ruby' | 'perl');
}
