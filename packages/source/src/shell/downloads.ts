/** The contents of downloads, followed through a script: to a pipe, a variable, a file, and to what runs them. */
import { comparedFiles } from './compared-files.ts';
import { filesOf } from './download-files.ts';
import type { Text, Word } from './syntax.ts';
import { afterOptions, programOf } from './wrappers.ts';

const DOWNLOADERS = new Set([
  ...['curl', 'wget', 'wget2', 'aria2c'],
  // PowerShell
  ...['iwr', 'irm', 'invoke-webrequest', 'invoke-restmethod'],
]);
/** Programs that compare a file with a checksum or a signature. */
const CHECKERS = /^(?:(?:sha\d*|b2|b3|md5|g?sha\d*)sum|shasum|cksum|rhash|gpgv2?|get-filehash)$/;
/** Programs that do so with a verb or an option. */
const VERIFIERS = /^(?:gpg2?|cosign|openssl|slsa-verifier|gh|rpmkeys|rsign)$/;
const CHECKING_VERBS = /^(?:--?verify|verify|verify-(?:blob|attestation|blob-attestation|artifact)|dgst)$/;
/** GnuPG verifies the signature in a message when it decrypts it. For other programs, `-d` decodes what nobody has signed. */
const DECRYPTING = /^(?:--decrypt|-d)$/;
/** Programs whose output is their arguments, not their input. */
const PRINTERS = new Set(['echo', 'printf']);

/** Stands for the content of a download: the number of the download between characters that no script has. */
const MARK = /^\uE000(\d+)\uE001$/;
/** With line ends around it. */
const LONGEST_MARK = 50;
const ANY_MARK = /\uE000\d+\uE001/;

interface Runner {
  readonly name: string;
  readonly offset: number;
}

export interface RunDownload {
  /** `curl` */
  readonly by: string;
  /** `sh` */
  readonly runner: string;
  /** Of the program that runs it. */
  readonly offset: number;
}

export class Downloads {
  readonly #found = new Map<string, RunDownload>();
  readonly #by: string[] = [];
  /** Downloads with lower numbers were compared with something. What it was is not known. */
  #checked = 0;
  /** Downloads whose file was compared by its name. */
  readonly #compared = new Set<number>();

  get found(): RunDownload[] {
    return [...this.#found.values()];
  }

  /**
   * A text is run.
   * @param runner undefined for a part of the script
   * @returns whether the text is the content of a download
   */
  ran(text: string, runner: Runner | undefined, offset: number): boolean {
    const number = numberOf(text);
    const by = this.#by[number];
    if (by === undefined) return false;
    if (number < this.#checked || this.#compared.has(number)) return true;
    const found = { by, runner: runner?.name ?? 'The shell', offset: runner?.offset ?? offset };
    this.#found.set(`${found.offset} ${by}`, found);
    return true;
  }

  /** Files that a command compares with something. */
  compareFiles([first, ...rest]: readonly Word[], fileOf: (path: string) => Text | undefined): void {
    const downloadAt = (path: string) => numberOf(fileOf(path)?.text ?? '');
    const files = comparedFiles(programOf(first?.text ?? ''), rest, (path) => downloadAt(path) >= 0);
    for (const file of files) this.#compared.add(downloadAt(file));
  }

  /** Files that a command runs, except those of a shell, which are texts: `./install.sh`, `python3 install.py`. */
  runFiles([first, ...rest]: readonly Word[], fileOf: (path: string) => Text | undefined): void {
    const { text: path = '', offset = 0 } = first ?? {};
    const name = programOf(path);
    const own = path.includes('/') ? fileOf(path) : undefined;
    if (own) this.ran(own.text, undefined, offset);
    const read = interpretedFile(name, rest);
    const program = read === undefined ? undefined : fileOf(read);
    if (program) this.ran(program.text, { name, offset }, offset);
  }

  /**
   * The output of a command, if it downloads something or its input was downloaded: any other program passes it on.
   * @param write called for each file that it downloads to
   */
  outputOf(
    words: readonly Word[],
    stdin: Text | undefined,
    write: (path: string, text: Text) => void,
  ): Text | undefined {
    const [first, ...rest] = words;
    const name = programOf(first?.text ?? '').toLowerCase();
    if (isCheck(name, rest)) this.#checked = this.#by.length;
    if (!DOWNLOADERS.has(name)) {
      return stdin && ANY_MARK.test(stdin.text) && !PRINTERS.has(name) ? stdin : undefined;
    }
    // The program compares it itself.
    if (rest.some(({ text }) => text.startsWith('--checksum'))) return undefined;
    const { files, isPrinted } = filesOf(
      name,
      rest.map(({ text: one }) => one),
    );
    // A check of one file says nothing about the others.
    const content = () => ({ text: `\uE000${this.#by.push(name) - 1}\uE001` });
    for (const file of files) write(file, content());
    return isPrinted ? content() : undefined;
  }
}

/** The number of the download that a text is; -1 for another text. */
function numberOf(text: string): number {
  return text.length > LONGEST_MARK ? -1 : Number(MARK.exec(text.trim())?.[1] ?? -1);
}

function isCheck(name: string, rest: readonly Word[]): boolean {
  if (CHECKERS.test(name)) return true;
  if (/^(?:minisign|signify(?:-openbsd)?)$/.test(name)) return rest.some(({ text }) => /^-[a-zA-Z]*V/.test(text));
  const isVerb = (text: string) => CHECKING_VERBS.test(text) || (name.startsWith('gpg') && DECRYPTING.test(text));
  return VERIFIERS.test(name) && rest.some(({ text }) => isVerb(text));
}

const INTERPRETERS = /^(?:python|perl|ruby|node|nodejs|php|pwsh|powershell|lua|tclsh)[\d.]*$/;

/** The file that an interpreter runs: `python3 -u install.py`. */
function interpretedFile(name: string, rest: readonly Word[]): string | undefined {
  if (!INTERPRETERS.test(name)) return undefined;
  const left = afterOptions(rest, /^-[WXIrM]$/);
  const options = rest.slice(0, rest.length - left.length);
  return options.some(({ text }) => /^-(?:[a-zA-Z]*[mce]|E|-eval|-print)$/.test(text)) ? undefined : left[0]?.text;
}
