/** Files of other tools with shell commands in lines or strings: everything else is replaced by blanks. */
import { blanked, type Commands, type Place, scriptFrom } from './places.ts';

function byLine(text: string, commandIn: (line: string) => string | undefined): Commands[] {
  return [
    scriptFrom(
      text
        .split('\n')
        .map((line) => commandIn(line) ?? blanked(line))
        .join('\n'),
    ),
  ];
}

/** The first group of a pattern is the text before the command. */
function behind(line: string, pattern: RegExp): string | undefined {
  const [before] = pattern.exec(line) ?? [];
  return before === undefined ? undefined : blanked(before) + line.slice(before.length);
}

/** systemd: `ExecStart=-/usr/bin/docker …` */
export function unitPlaces(text: string): Place[] {
  return byLine(text, (line) => behind(line, /^Exec\w{1,20}=[-@:+!|]{0,5}/));
}

export function crontabPlaces(text: string): Place[] {
  return byLine(text, (line) => {
    if (/^\s*#/.test(line)) return undefined;
    const times = /^\s*(?:@\w+|(?:[\d*/,a-zA-Z-]+[ \t]+){5})[ \t]*/;
    const command = behind(line, times);
    // In the system's crontab a user comes before the command.
    const [user = ''] = /^\s*[a-z_][\w-]*[ \t]+/.exec(command ?? '') ?? [];
    const [program = ''] = command?.slice(user.length).split(/\s/, 1) ?? [];
    const isUser = /(?:^|\/)(?:docker|podman|nerdctl|sh|bash|cd|sudo|flock|test)\b/.test(program);
    return isUser && command !== undefined ? `${blanked(user)}${command.slice(user.length)}` : command;
  });
}

export function procfilePlaces(text: string): Place[] {
  return byLine(text, (line) => behind(line, /^[\w-]{1,60}:[ \t]*/));
}

/** Earthly's `RUN`. */
export function earthfilePlaces(text: string): Place[] {
  let continues = false;
  return byLine(text, (line) => {
    const command = continues ? line : behind(line, /^\s*RUN\s+(?:--[\w-]+(?:=\S+)?\s+)*/);
    continues = command !== undefined && /\\\s*$/.test(line);
    return command;
  });
}

/** tox.ini, setup.cfg: the lines below `commands =`. */
export function iniPlaces(text: string): Place[] {
  let isInside = false;
  return byLine(text, (line) => {
    if (/^\S/.test(line)) isInside = /^(?:commands|allowlist|cmd|script)\w*\s*=/.test(line);
    if (!isInside) return undefined;
    return behind(line, /^\w+\s*=\s*/) ?? line.replace(/^(\s+)-(?=\s*\w)/, '$1 ');
  });
}

const STRING = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)')/;

/** TOML: strings of sections with tasks or scripts. */
export function tomlPlaces(text: string): Place[] {
  let holds = false;
  return text.split('\n').flatMap((line, at): Place[] => {
    const [, section] = /^\s*\[+([^[\]][^\]]*)\]/.exec(line) ?? [];
    if (section !== undefined) holds = /task|script|command|hook|alias/i.test(section);
    const equals = line.indexOf('=');
    if (!holds || section !== undefined || equals < 0) return [];
    const value = line.slice(equals + 1).trim();
    const strings = value.startsWith('{') || value.startsWith('[') ? stringsIn(value.slice(0, 5000)) : [value];
    return strings.flatMap((one) => {
      const [, double, single] = STRING.exec(one) ?? [];
      const script = double?.replace(/\\(.)/g, '$1') ?? single;
      return script === undefined ? [] : [scriptFrom(script, at + 1)];
    });
  });
}

/** Quoted strings; an unterminated string extends to the end. */
function stringsIn(text: string): string[] {
  const found: string[] = [];
  // Inside an unterminated string, no string with the same quote can be terminated: skipping these quotes avoids
  // quadratic time.
  const unended: Record<string, number> = {};
  for (let at = 0; at < text.length; at += 1) {
    const quote = text[at] as string;
    if ((quote !== '"' && quote !== "'") || at < (unended[quote] ?? 0)) continue;
    const end = endOfString(text, at + 1, quote);
    if (text[end] === quote) {
      found.push(text.slice(at, end + 1));
      at = end;
    } else unended[quote] = end;
  }
  return found;
}

function endOfString(text: string, from: number, quote: '"' | "'"): number {
  const inside = quote === '"' ? /(?:[^"\\]|\\.)*/y : /[^']*/y;
  inside.lastIndex = from;
  inside.test(text);
  return inside.lastIndex;
}

const PROVISIONS = /^\s*(command|inline|script|commands|entrypoint|shell_script)\s*=\s*/;

/** Terraform and Packer: commands of `local-exec` and `remote-exec`, and Packer's container images. */
export function hclPlaces(text: string): Place[] {
  const places: Place[] = [];
  const lines = text.split('\n');
  const isPackerImage = /\bsource\s+"docker"/.test(text);
  let until: string | undefined;
  let isList = false;
  let body: string[] = [];
  let first = 0;
  for (const [at, line] of lines.entries()) {
    if (until !== undefined) {
      if (line.trim() === until) {
        places.push(scriptFrom(body.join('\n'), first));
        until = undefined;
      } else body.push(line);
      continue;
    }
    if (isPackerImage && /^\s*commit\s*=\s*true\b/.test(line))
      places.push({ kind: 'arguments', args: ['docker', 'commit'], line: at + 1 });
    const [all, key] = PROVISIONS.exec(line) ?? [];
    if (all === undefined && !isList) continue;
    const value = line.slice(all?.length ?? 0);
    const [, end] = /^<<[-~]?"?(\w{1,60})"?\s*$/.exec(value) ?? [];
    if (end !== undefined) [until, body, first] = [end, [], at + 2];
    else for (const one of stringsIn(value)) places.push(scriptFrom(one.slice(1, -1).replace(/\\(.)/g, '$1'), at + 1));
    if (key !== undefined && value.trimStart().startsWith('[')) isList = true;
    if (value.includes(']')) isList = false;
    if (places.length > 5000) break;
  }
  return places;
}
