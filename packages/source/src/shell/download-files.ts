/** The files that curl and wget write. */

interface Program {
  /** Letters of options with a value. */
  readonly valued: string;
  readonly output: RegExp;
  /** Options that name the file like the address. */
  readonly named: RegExp | undefined;
  readonly folder: RegExp;
}

const CURL: Program = {
  valued: 'AbcCdDeEFhHKmoPQrtTuUwxXyYz',
  output: /^(?:o|output)$/,
  named: /^(?:O|remote-name|remote-name-all)$/,
  folder: /^output-dir$/,
};
const WGET: Program = {
  valued: 'aAeiBoOPQTtUwRDIXl',
  output: /^(?:O|output-document)$/,
  named: undefined,
  folder: /^(?:P|directory-prefix)$/,
};
const ARIA2: Program = { valued: 'doijsxkl', output: /^(?:o|out)$/, named: undefined, folder: /^(?:d|dir)$/ };
/** Its options are words, and none is needed for the output. */
const POWERSHELL = /^-OutFile$/i;

interface Written {
  readonly files: readonly string[];
  /** Its output is the content. */
  readonly isPrinted: boolean;
}

/** @param words after the name of the program */
export function filesOf(name: string, words: readonly string[]): Written {
  if (name.startsWith('i')) {
    const at = words.findIndex((word) => POWERSHELL.test(word));
    const file = words[at + 1];
    return at < 0 || file === undefined ? PRINTED : { files: [file], isPrinted: false };
  }
  const program = name === 'curl' ? CURL : name === 'aria2c' ? ARIA2 : WGET;
  const { options, operands } = parsed(words, program);
  const last = (form: RegExp) => options.findLast(([option]) => form.test(option))?.[1];
  const outputs = options.flatMap(([option, value]) => (program.output.test(option) ? [value] : []));
  if (outputs.some((file) => /^(?:-|\/dev\/(?:stdout|fd\/1))$/.test(file))) return PRINTED;
  const folder = last(program.folder);
  const within = (file: string) =>
    folder === undefined || folder === '' ? file : `${folder.replace(/\/$/, '')}/${file}`;
  const isNamed = program.named === undefined || options.some(([option]) => program.named?.test(option));
  const named = isNamed ? operands.map(nameIn).filter((file) => file !== '') : [];
  const files = (outputs.length > 0 ? outputs : named).map(within);
  // `curl -o one URL URL` prints the second one.
  return { files, isPrinted: program === CURL && files.length < Math.max(1, operands.length) };
}

const PRINTED: Written = { files: [], isPrinted: true };

type Option = readonly [name: string, value: string];

function parsed(words: readonly string[], { valued, output, folder }: Program) {
  const options: Option[] = [];
  const operands: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word.startsWith('--')) {
      const [name = '', value] = word.slice(2).split(/=(.*)/s);
      const takesNext = value === undefined && (output.test(name) || folder.test(name));
      options.push([name, value ?? (takesNext ? (words[at + 1] ?? '') : '')]);
      if (takesNext) at += 1;
      else if (name === 'url') operands.push(words[at + 1] ?? '');
    } else if (word.startsWith('-') && word !== '-') {
      const letters = [...word.slice(1)];
      const end = letters.findIndex((letter) => valued.includes(letter));
      for (const letter of end < 0 ? letters : letters.slice(0, end)) options.push([letter, '']);
      const letter = letters[end];
      if (letter === undefined) continue;
      const value = letters.slice(end + 1).join('');
      options.push([letter, value === '' ? (words[at + 1] ?? '') : value]);
      if (value === '') at += 1;
    } else operands.push(word);
  }
  return { options, operands: operands.filter((word) => /[/.$]/.test(word)) };
}

/** The last part of an address, without the query. */
function nameIn(address: string): string {
  const [path = ''] = address.split(/[?#]/, 1);
  const name = path.slice(path.lastIndexOf('/') + 1);
  return path.includes('/') ? name : '';
}
