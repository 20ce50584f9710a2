/** Output of BuildKit and Grype would fill the picture. */
const OUTPUT = /^ {2}(?:#\d|\[\d{4}\])|^\s*$/;

const CLASSES: Readonly<Record<string, string>> = { 1: 'b', 2: 'd', 31: 'r', 32: 'g', 33: 'y' };

const STYLE = `
body { margin: 0; padding: 24px; background: #f6f8fa; }
.window { border-radius: 8px; background: #0d1117; color: #e6edf3; overflow: hidden; }
.bar { height: 32px; background: #21262d; }
pre { margin: 0; padding: 16px; white-space: pre-wrap; overflow-wrap: anywhere; font: 14px/1.45 "Noto Sans Mono", "Liberation Mono", monospace; }
.b { font-weight: 700; } .d { color: #9198a1; } .r { color: #ff7b72; } .g { color: #3fb950; } .y { color: #d29922; } .p { color: #79c0ff; }
`;

/** A page that looks like a terminal, from lines with SGR sequences: bold, faint, and three colors. */
export function terminalPage(transcript: string): string {
  const lines = transcript
    .split('\n')
    .filter((line) => !OUTPUT.test(line))
    .map(lineHtml);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Terminal</title><style>${STYLE}</style></head>
<body><div class="window"><div class="bar"></div><pre>${lines.join('\n')}</pre></div></body></html>`;
}

function lineHtml(line: string): string {
  const active = new Set<string>();
  const [first = '', ...others] = line.split('\u001b[');
  const html = others.map((part) => {
    const end = part.indexOf('m');
    for (const code of part.slice(0, end).split(';')) change(active, code || '0');
    const text = escaped(part.slice(end + 1));
    return active.size === 0 || text === '' ? text : `<span class="${[...active].join(' ')}">${text}</span>`;
  });
  const whole = escaped(first) + html.join('');
  return line.startsWith('$ ') ? `<span class="p">${whole}</span>` : whole;
}

function change(active: Set<string>, code: string): void {
  const name = CLASSES[code];
  if (name !== undefined) active.add(name);
  if (code === '0') active.clear();
  if (code === '22') for (const one of ['b', 'd']) active.delete(one);
  if (code === '39') for (const one of ['r', 'g', 'y']) active.delete(one);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
