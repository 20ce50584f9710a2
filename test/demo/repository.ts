import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from './command.ts';

const AUTHOR = { name: 'Ada Lovelace', email: 'ada@example.com' };
/** Fixed, so that every run makes the same commits, and the same commit the same image. */
const MONDAY = Date.parse('2026-11-02T09:00:00Z');
const DAY = 24 * 3600_000;

export interface Commit {
  readonly sha: string;
  readonly tag: string;
  readonly date: string;
}

/** A git repository as a team has one, made of the example. */
export class DemoRepository {
  readonly folder: string;
  readonly #git: (...argv: readonly string[]) => Promise<string>;
  readonly #command: Command;
  readonly #hasGo: boolean;
  #commits = 0;

  private constructor(folder: string, command: Command, hasGo: boolean) {
    this.folder = folder;
    this.#command = command;
    this.#hasGo = hasGo;
    this.#git = (...argv) => command('git', ['-C', folder, ...argv], { env: this.#environment() });
  }

  /** @param vendored the build cannot fetch modules itself: they are committed. */
  static async create(example: string, folder: string, command: Command, vendored: boolean): Promise<DemoRepository> {
    await cp(example, folder, { recursive: true });
    const repository = new DemoRepository(folder, command, vendored);
    await repository.#git('init', '--quiet', '--initial-branch=main');
    await repository.#git('config', 'user.name', AUTHOR.name);
    await repository.#git('config', 'user.email', AUTHOR.email);
    return repository;
  }

  /** Commit everything as it is now and tag it. */
  async commit(message: string, tag: string): Promise<Commit> {
    if (this.#hasGo) await this.#command('go', ['mod', 'vendor'], { cwd: this.folder, env: { GOFLAGS: '' } });
    this.#commits += 1;
    await this.#git('add', '--all');
    await this.#git('commit', '--quiet', '--message', message);
    await this.#git('tag', tag);
    return { sha: (await this.#git('rev-parse', 'HEAD')).trim(), tag, date: this.#date() };
  }

  /** The last commit's changes to one file, without context. */
  async diff(path: string): Promise<string> {
    const text = await this.#git('diff', '--unified=0', 'HEAD~1', 'HEAD', '--', path);
    return text
      .split('\n')
      .filter((line) => /^[+-](?![+-])/.test(line))
      .join('\n');
  }

  async replace(path: string, changes: readonly (readonly [from: string, to: string])[]): Promise<void> {
    const file = join(this.folder, path);
    let text = await readFile(file, 'utf8');
    for (const [from, to] of changes) {
      if (!text.includes(from)) throw new Error(`${path} holds no ${JSON.stringify(from)}`);
      text = text.replaceAll(from, to);
    }
    await writeFile(file, text);
  }

  #date(): string {
    return new Date(MONDAY + (this.#commits - 1) * DAY).toISOString();
  }

  /** Nobody's git configuration, hooks or signing key takes part. */
  #environment(): Record<string, string> {
    const date = this.#date();
    return {
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_DATE: date,
    };
  }
}
