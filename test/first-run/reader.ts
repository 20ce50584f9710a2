/** A reader's machine: a home, the programs that the documentation uses, and what GitHub keeps of a repository. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { CodeBlock } from '../../packages/tooling/src/site/blocks.ts';

const run = promisify(execFile);

export interface ReaderOptions {
  /** An empty folder for all of it. */
  readonly folder: string;
  /** Path of cosign. */
  readonly cosign: string;
  /** Beginnings of words that cosign gets, and what they become: servers of the outside, and those of this machine. */
  readonly replaced: Readonly<Record<string, string>>;
  /** Added to each command of cosign. */
  readonly flags?: readonly string[];
}

export class Reader {
  readonly home: string;
  readonly #folder: string;
  readonly #bin: string;
  readonly #hub: string;
  /** The folder that the last command went to. */
  #at: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.home = join(folder, 'home');
    this.#bin = join(folder, 'bin');
    this.#hub = join(folder, 'hub');
    this.#at = this.home;
  }

  static async prepare({ folder, cosign, replaced, flags = [] }: ReaderOptions): Promise<Reader> {
    const reader = new Reader(folder);
    for (const one of [reader.home, reader.#bin, join(reader.#hub, 'secrets')]) await mkdir(one, { recursive: true });
    await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', reader.#bare]);
    await reader.#program(
      'gh',
      `case "$1 $2" in
        "secret set") cat > '${reader.#hub}/secrets/'"$3" ;;
        "repo create") git remote add origin '${reader.#bare}' ;;
        *) echo "no stand-in for gh $*" >&2; exit 1 ;;
      esac`,
    );
    const cases = Object.entries(replaced).map(([from, to]) => `'${from}'*) word="${to}\${word#'${from}'}" ;;`);
    await reader.#program(
      'cosign',
      `for word in "$@"; do
        shift
        case "$word" in ${cases.join(' ')} esac
        set -- "$@" "$word"
      done
      exec '${cosign}' "$@" ${flags.map((flag) => `'${flag}'`).join(' ')}`,
    );
    return reader;
  }

  get #bare(): string {
    return join(this.#hub, 'repository.git');
  }

  /** @returns what the lines print */
  async type(lines: string): Promise<string> {
    const where = join(this.#folder, 'pwd');
    const script = `set -eu\n${lines}\npwd > '${where}'\n`;
    const env = {
      ...{ PATH: [this.#bin, process.env.PATH].join(delimiter), HOME: this.home, GIT_CONFIG_NOSYSTEM: '1' },
      ...{ GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.com' },
      ...{ GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.com' },
    };
    const { stdout, stderr } = await run('sh', ['-c', script], { cwd: this.#at, env });
    this.#at = (await readFile(where, 'utf8')).trim();
    return `${stdout}${stderr}`;
  }

  async save(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.#at, path)), { recursive: true });
    await writeFile(join(this.#at, path), text);
  }

  secret(name: string): Promise<string> {
    return readFile(join(this.#hub, 'secrets', name), 'utf8');
  }

  /** The commit of a branch or git tag that was pushed. */
  async pushed(ref: `refs/${string}`): Promise<string | undefined> {
    const { stdout } = await run('git', ['-C', this.#bare, 'for-each-ref', ref]);
    return stdout.split(' ')[0] || undefined;
  }

  /** A checkout of what was pushed, as a runner has it. */
  async checkout(into: string): Promise<string> {
    await run('git', ['clone', '--quiet', this.#bare, into]);
    return into;
  }

  async #program(name: string, script: string): Promise<void> {
    await writeFile(join(this.#bin, name), `#!/bin/sh\nset -eu\n${script}\n`);
    await chmod(join(this.#bin, name), 0o755);
  }
}

/** One line for each step of the reader: what is saved or typed. */
export function stepOf({ file, text, language, line }: CodeBlock): string {
  if (file !== undefined) return `save ${file}`;
  // A block that is neither saved nor typed leaves its reader with a question.
  if (language !== 'sh') throw new Error(`The block of line ${line} is not saved as a file and is no command.`);
  return `type ${text.split('\n')[0]}`;
}
