/** The fenced code blocks of a page. */

export interface CodeBlock {
  readonly language: string;
  /** Not complete: a part of a file, shown without the rest. Written after the language: `yaml fragment`. */
  readonly fragment: boolean;
  readonly text: string;
  /** The file to save it as, if the paragraph before it says so: "Save this as `.github/workflows/image.yml`". */
  readonly file: string | undefined;
  readonly line: number;
}

export function codeBlocks(markdown: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  const lines = markdown.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const [, indent = '', info] = /^( *)```(.*)$/.exec(lines[at] ?? '') ?? [];
    if (info === undefined) continue;
    const end = lines.findIndex((line, index) => index > at && line.trim() === '```' && line.startsWith(`${indent}\``));
    if (end === -1) throw new Error(`the code block in line ${at + 1} is never closed`);
    const [language = '', ...more] = info.trim().split(' ');
    const text = lines.slice(at + 1, end).map((line) => `${line.slice(indent.length)}\n`);
    const before = lines.slice(0, at).findLast((line) => line.trim() !== '') ?? '';
    const file = /\bSave (?:this )?as `([^`]+)`/i.exec(before)?.[1];
    blocks.push({ language, fragment: more.includes('fragment'), text: text.join(''), file, line: at + 1 });
    at = end;
  }
  return blocks;
}
