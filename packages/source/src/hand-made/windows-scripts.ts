/**
 * Rewrites PowerShell and cmd.exe as a shell script, line by line. Their common syntax (words, quotes, pipes) is
 * sufficient to find commands.
 */
import { blanked, type Commands, scriptFrom } from './places.ts';

/** Block comments of PowerShell. */
function withoutBlocks(text: string): string {
  let left = '';
  let at = 0;
  for (let start = text.indexOf('<#'); start >= 0; start = text.indexOf('<#', at)) {
    const end = text.indexOf('#>', start);
    const stop = end < 0 ? text.length : end + 2;
    left += text.slice(at, start) + blanked(text.slice(start, stop));
    at = stop;
  }
  return left + text.slice(at);
}

export function powershellPlaces(text: string): Commands[] {
  const lines = withoutBlocks(text).split('\n');
  return [scriptFrom(lines.map((line) => (line.length > 5000 ? blanked(line) : powershellLine(line))).join('\n'))];
}

function powershellLine(line: string): string {
  return outsideQuotes(
    line
      .replace(/`(?=\r?$)/, '\\')
      .replace(/`(?=\w)/g, '\\')
      .replace(/\[[\w.]{1,60}\]::(?:Create|Start)\(/gi, (call) => (/Create/i.test(call) ? 'iex ' : 'Start-Process '))
      .replace(/^(\s*)(?=["'])/, '$1echo '),
    (code) =>
      code
        .replace(/(^|[;{(=|]\s*)&\s+/g, '$1')
        .replace(/(^|[;{]\s*)\$(\w+)\s*=\s*@\(/g, '$1$2=(')
        .replace(/(^|[;{]\s*)\$(?:env:|script:|global:)?(\w+)\s*=\s*(?=\S|$)/gi, '$1$2= ')
        .replace(/(^|\s)@(\w+)/g, '$1$$$2')
        .replace(/@\(/g, ' ')
        .replace(/[{}]/g, ';')
        .replace(/,/g, ' '),
  ).replace(/(^|[;{]\s*)(\w+)= (["'])/g, '$1$2=$3');
}

/** Only text outside of quotes is rewritten. */
function outsideQuotes(line: string, rewrite: (code: string) => string): string {
  let made = '';
  let at = 0;
  for (const { 0: string, index } of line.matchAll(/"[^"]*"|'[^']*'/g)) {
    made += `${rewrite(line.slice(at, index))}${string}`;
    at = index + string.length;
  }
  return made + rewrite(line.slice(at));
}

export function batchPlaces(text: string): Commands[] {
  const lines = text
    .split('\n')
    .map((line) =>
      /^\s*@?(?:rem\b|::)/i.test(line) ? blanked(line) : line.length > 5000 ? blanked(line) : batchLine(line),
    );
  return [scriptFrom(lines.join('\n'))];
}

function batchLine(line: string): string {
  return line
    .replace(/^(\s*)@/, '$1 ')
    .replace(/\^(?=\r?$)/, '\\')
    .replace(/\^(?=\w)/g, '')
    .replace(/\bset\s+"(\w+)=([^"]*)"/gi, "$1='$2'")
    .replace(
      /\bset\s+(\w+)=([^&|\r\n"]*)/gi,
      (_, name: string, value: string) => `${name}='${value.trim().replaceAll("'", '')}'`,
    )
    .replace(/%(\w+)%|!(\w+)!/g, (_, one?: string, other?: string) => `\${${one ?? other}}`)
    .replace(
      /\bif\s+(?:\/i\s+)?(?:not\s+)?(?:exist\s+\S+|defined\s+\w+|errorlevel\s+\d+|\S+\s*==\s*[^\s(]+)\s*/gi,
      ' ; ',
    )
    .replace(/\bin\s*\('([^']*)'\)/gi, 'in ; ( $1 ) ; ')
    .replace(/\belse\b/gi, ' ; ')
    .replace(/%%~?(\w)/g, '$_$1')
    .replace(
      /\b(docker|podman|nerdctl)(\.exe)?(\s+)([A-Z][A-Za-z]+)\b/gi,
      (_, engine: string, end = '', blank: string, verb: string) =>
        `${engine.toLowerCase()}${end}${blank}${verb.toLowerCase()}`,
    );
}
