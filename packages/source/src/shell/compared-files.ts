/** Files that a command compares with something, so that it fails if they are others than the author has seen. */
import type { Word } from './syntax.ts';

interface Language {
  /** Option before a program. */
  readonly option: string;
  /** A call that reads a file, with the name of the file. */
  readonly reads: RegExp;
  /** A digest beside a comparison. */
  readonly compares: RegExp;
  /** What the program does if the digest is another one. */
  readonly fails: RegExp;
}

const PHP: Language = {
  option: '-r',
  reads: /\b(?:hash_file\(\s*['"][^'",()]+['"]\s*,|file_get_contents\()\s*['"]([^'"()]+)['"]/g,
  compares: /\bhash(?:_file)?\([^()]*(?:\([^()]*\)[^()]*)?\) ?[!=]==?|[!=]==? ?hash(?:_file)?\(|\bhash_equals\(/,
  fails: /\b(?:exit|die|unlink|throw)\b/,
};
const PYTHON: Language = {
  option: '-c',
  reads: /\b(?:open|Path)\(\s*['"]([^'"()]+)['"]/g,
  compares: /digest\(\) ?[!=]=|[!=]= ?hashlib\.|\bcompare_digest\(/,
  fails: /\b(?:assert|exit|raise)\b/,
};

/** Options of `cmp` and `diff` with which they still compare everything. */
const COMPARING = /^(?:-[bclqsu]+|--(?:brief|print-bytes|quiet|silent|verbose))$/;

/** An option, or what the shell or another command passes on, which may be the download itself. */
function isNoFile(text: string): boolean {
  return text.startsWith('-') || text.startsWith('/dev/') || text.startsWith('/proc/');
}

/**
 * `cmp x known` and `diff x known`; and a program that reads the file by its name, compares its digest and can fail:
 * `php -r "if (hash_file('sha384', 'x') !== '…') exit(1);"`, `python3 -c "… assert sha256(…).hexdigest() == '…'"`.
 * @param name of the program, without version and folder
 * @param isDownload whether a path is a file that the script downloads
 */
export function comparedFiles(
  name: string,
  rest: readonly Word[],
  isDownload: (path: string) => boolean,
): readonly string[] {
  const texts = rest.map(({ text }) => text);
  if (name === 'cmp' || name === 'diff') {
    const operands = texts.filter((text) => !COMPARING.test(text));
    const downloads = operands.filter(isDownload);
    // Two downloads say nothing about each other.
    return operands.length === 2 && downloads.length === 1 && !operands.some(isNoFile) ? downloads : [];
  }
  const language = /^php[\d.]*$/.test(name) ? PHP : /^python[\d.]*$/.test(name) ? PYTHON : undefined;
  const at = language ? texts.indexOf(language.option) : -1;
  const program = texts[at + 1];
  if (!language || at < 0 || program === undefined) return [];
  // `-O` removes assertions, and behind a file is no program.
  if (texts.slice(0, at).some((text) => !/^-[^O]*$/.test(text))) return [];
  if (!language.compares.test(program) || !language.fails.test(program)) return [];
  const named = [...program.matchAll(language.reads)].map(([, path = '']) => path);
  // $argv[1], sys.argv[1]
  return /\bargv\b/.test(program) ? [...named, ...texts.slice(at + 2)] : named;
}
