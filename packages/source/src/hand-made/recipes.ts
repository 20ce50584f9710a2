import { blanked, type Place, scriptFrom } from './places.ts';

/**
 * Recipes of a Makefile as one script, everything else blanked. `$(NAME)` becomes `${NAME}` and `$$` a shell's `$`, at the
 * same length, so that a place in it is the same place in the file.
 */
export function makefilePlaces(text: string): Place[] {
  let inRecipe = false;
  const lines = text.split('\n').map((line) => {
    const recipe = line.startsWith('\t') || inRecipe;
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
  return [scriptFrom(script)];
}

/** Recipes of a justfile: its indented lines. `{{name}}` is a variable. */
export function justfilePlaces(text: string): Place[] {
  const lines = text.split('\n').map((line) => {
    if (!/^[ \t]/.test(line)) return blanked(line);
    return line.replace(/^([ \t]+)([@-]+)/, (_, blanks, marks) => blanks + blanked(marks));
  });
  return [
    scriptFrom(lines.join('\n').replace(/\{\{\s*(\w+)\s*\}\}/g, (all, name) => `\${${name}}`.padEnd(all.length))),
  ];
}

/** PowerShell: a backtick continues a line. */
export function powershellPlaces(text: string): Place[] {
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
export function batchPlaces(text: string): Place[] {
  const lines = text
    .split('\n')
    .map((line) => (/^\s*@?(?:rem\b|::)/i.test(line) ? blanked(line) : line.replace(/^(\s*)@/, '$1 ')));
  return [scriptFrom(lines.join('\n').replace(/\^(?=\r?\n)/g, '\\'))];
}
