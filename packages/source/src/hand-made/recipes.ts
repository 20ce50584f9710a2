import { blanked, type Commands, scriptFrom } from './places.ts';

/**
 * Recipes of a Makefile as one script, everything else blanked. `$(NAME)` becomes `${NAME}` and `$$` a shell's `$`, at the
 * same length, so that a place in it is the same place in the file.
 */
export function makefilePlaces(text: string): Commands[] {
  let inRecipe = false;
  const rules: number[] = [];
  const lines = text.split('\n').map((line, at) => {
    const recipe = line.startsWith('\t') || inRecipe;
    if (!recipe && /^[^\t#=]+:(?!=)/.test(line)) rules.push(at);
    inRecipe = recipe && /\\\s*$/.test(line);
    if (recipe) return line.replace(/^(\t[\t ]*)([@+-]+)/, (_, blanks, marks) => blanks + blanked(marks));
    const [, target = '', command] = /^([^\t#=:]+:[^=;#]*;)(.*)$/.exec(line) ?? [];
    if (command !== undefined) return blanked(target) + command;
    // `X := $(shell docker …)` runs too.
    const shell = line.startsWith('#') ? -1 : line.indexOf('$(shell ');
    return shell < 0 ? blanked(line) : blanked(line.slice(0, shell)) + line.slice(shell);
  });
  const script = lines
    .join('\n')
    .replace(/\$\(shell /g, '$(      ')
    .replace(/\$\(([A-Za-z_][\w.]*)\)/g, (_, name) => `\${${name}}`)
    .replace(/\$\$(?=[\w({*@#?!-])/g, ' $');
  return ruleByRule(script, rules);
}

/** A script for each rule: `make load` and `make push` are not one run. @param rules lines at which they begin, from 0 */
function ruleByRule(script: string, rules: readonly number[]): Commands[] {
  const lines = script.split('\n');
  const starts = [0, ...rules.filter((at) => at > 0)];
  return starts.map((from, at) => ({
    ...scriptFrom(lines.slice(from, starts[at + 1]).join('\n'), from + 1),
    scope: String(from),
  }));
}

/** Recipes of a justfile: its indented lines. `{{name}}` is a variable. */
export function justfilePlaces(text: string): Commands[] {
  const rules: number[] = [];
  const lines = text.split('\n').map((line, at) => {
    if (/^[@\w-][^=]*:(?!=)/.test(line)) rules.push(at);
    if (!/^[ \t]/.test(line)) return blanked(line);
    return line.replace(/^([ \t]+)([@-]+)/, (_, blanks, marks) => blanks + blanked(marks));
  });
  const script = lines.join('\n').replace(/\{\{\s*(\w+)\s*\}\}/g, (all, name) => `\${${name}}`.padEnd(all.length));
  return ruleByRule(script, rules);
}

/** PowerShell: a backtick continues a line. */
export function powershellPlaces(text: string): Commands[] {
  let withoutBlocks = '';
  let at = 0;
  for (let start = text.indexOf('<#'); start >= 0; start = text.indexOf('<#', at)) {
    const end = text.indexOf('#>', start);
    const stop = end < 0 ? text.length : end + 2;
    withoutBlocks += text.slice(at, start) + blanked(text.slice(start, stop));
    at = stop;
  }
  withoutBlocks += text.slice(at);
  return [scriptFrom(withoutBlocks.replace(/`(?=\r?\n)/g, '\\'))];
}

/** cmd.exe: a caret continues a line, and `rem` and `::` begin a comment. */
export function batchPlaces(text: string): Commands[] {
  const lines = text
    .split('\n')
    .map((line) => (/^\s*@?(?:rem\b|::)/i.test(line) ? blanked(line) : line.replace(/^(\s*)@/, '$1 ')));
  return [scriptFrom(lines.join('\n').replace(/\^(?=\r?\n)/g, '\\'))];
}
