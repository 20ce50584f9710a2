import { withoutEnd } from '@tidegate/core';
import { type Arguments, readArguments } from './arguments.ts';
import { cutAtBlanks, trim, trimStart } from './characters.ts';
import { Directives } from './directives.ts';
import { type Heredoc, type HeredocStart, heredocsOf } from './heredoc.ts';
import { cutFlags } from './words.ts';

export interface Instruction extends Arguments {
  /** Upper case. */
  readonly keyword: string;
  /** `--name=value` before the arguments. */
  readonly flags: readonly string[];
  /** From 1; heredocs belong to it. */
  readonly startLine: number;
  readonly endLine: number;
  readonly heredocs: readonly Heredoc[];
  /** The instruction inside ONBUILD. */
  readonly onbuild?: Instruction;
  /** The joined line, without continuations. */
  readonly text: string;
  /** Source lines of `text`: from this offset on, it is from that line. Ascending. */
  readonly pieces: readonly Piece[];
}

interface Piece {
  readonly offset: number;
  readonly line: number;
}

interface Comment {
  readonly line: number;
  /** Without `#`. */
  readonly text: string;
}

export interface Dockerfile {
  readonly escape: '\\' | '`';
  /** `# syntax=`, `# escape=`, `# check=`. */
  readonly directives: ReadonlyMap<string, string>;
  readonly instructions: readonly Instruction[];
  /** Every comment line, including those between continued lines, but not in heredocs. */
  readonly comments: readonly Comment[];
}

/** A syntax error that BuildKit would report. */
export class DockerfileError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.name = 'DockerfileError';
    this.line = line;
  }
}

/** The longest line of Go's bufio.Scanner, which BuildKit uses (bytes, including the line end). */
const LONGEST_LINE = 65_536;
/** BuildKit rejects ONBUILD in ONBUILD later; the limit only protects the stack. */
const DEEPEST = 100;
const MAY_HAVE_HEREDOCS = new Set(['ADD', 'COPY', 'RUN']);

/**
 * Read a Dockerfile as BuildKit does (frontend/dockerfile/parser, v0.31). Variables are not expanded.
 * @throws DockerfileError if BuildKit would fail.
 */
export function parseDockerfile(text: string): Dockerfile {
  return new Parser(text).parse();
}

class Parser {
  readonly #lines: readonly string[];
  readonly #directives = new Directives();
  readonly #instructions: Instruction[] = [];
  readonly #comments: Comment[] = [];
  /** Number of lines read, which is the number of the last one. */
  #line = 0;

  constructor(text: string) {
    const lines = text.replace(/^\ufeff/, '').split('\n');
    if (lines.at(-1) === '') lines.pop();
    this.#lines = lines;
  }

  parse(): Dockerfile {
    while (this.#line < this.#lines.length) this.#readInstruction();
    if (this.#instructions.length === 0) throw new DockerfileError(1, 'file with no instructions');
    return {
      escape: this.#directives.escape,
      directives: this.#directives.found,
      instructions: this.#instructions,
      comments: this.#comments,
    };
  }

  /** The next line without its line end. */
  #next(): string {
    const line = this.#lines[this.#line] ?? '';
    this.#line += 1;
    if (line.length >= LONGEST_LINE / 3 && Buffer.byteLength(line) >= LONGEST_LINE) {
      throw new DockerfileError(this.#line, `dockerfile line greater than max allowed size of ${LONGEST_LINE - 1}`);
    }
    return withoutEnd(line, '\r');
  }

  #readInstruction(): void {
    const first = trimStart(this.#next());
    const startLine = this.#line;
    this.#at(startLine, () => this.#directives.take(first));
    const isComment = this.#comment(first);
    let { body, ends } = this.#trimContinuation(isComment ? '' : first);
    if (ends && body === '') return;
    const pieces: Piece[] = [{ offset: 0, line: startLine }];
    const parts = [body];
    let length = body.length;
    while (!ends && this.#line < this.#lines.length) {
      const line = this.#next();
      // A comment or an empty line does not end a continued line.
      if (this.#comment(line) || trimStart(line) === '') continue;
      ({ body, ends } = this.#trimContinuation(line));
      pieces.push({ offset: length, line: this.#line });
      parts.push(body);
      length += body.length;
    }
    const read = this.#at(startLine, () => this.#instruction(parts.join(''), pieces, 0));
    const heredocs = mayHaveHeredocs(read) ? this.#heredocs(read.text, startLine) : [];
    this.#instructions.push({ ...read, heredocs, endLine: this.#line });
  }

  /** Runs a step that can fail in BuildKit too, and adds the line to its error. */
  #at<T>(line: number, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof DockerfileError || !(error instanceof Error)) throw error;
      throw new DockerfileError(line, error.message);
    }
  }

  #comment(line: string): boolean {
    const text = trimStart(line);
    if (!text.startsWith('#')) return false;
    this.#comments.push({ line: this.#line, text: trim(text.slice(1)) });
    return true;
  }

  #trimContinuation(line: string): { body: string; ends: boolean } {
    const token = this.#directives.escape;
    let end = line.length;
    while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end -= 1;
    // Two of them are an escaped one.
    if (line[end - 1] !== token || line[end - 2] === token) return { body: line, ends: true };
    return { body: line.slice(0, end - 1), ends: false };
  }

  #instruction(text: string, pieces: readonly Piece[], depth: number): Omit<Instruction, 'heredocs' | 'endLine'> {
    const token = this.#directives.escape;
    const [word, after = ''] = cutAtBlanks(trim(text));
    const { flags, rest } = cutFlags(after, token);
    const keyword = word.toUpperCase();
    const head = { keyword, flags, startLine: pieces[0]?.line ?? 0, text, pieces };
    if (keyword !== 'ONBUILD') return { ...head, ...readArguments(keyword, trim(rest), token) };
    const inner = trim(rest);
    if (inner === '') return { ...head, args: [], isJson: false };
    if (depth > DEEPEST) throw new Error('ONBUILD is chained too deep');
    const onbuild = this.#instruction(inner, shifted(pieces, text.lastIndexOf(inner)), depth + 1);
    return { ...head, args: [], isJson: false, onbuild: { ...onbuild, startLine: 0, endLine: 0, heredocs: [] } };
  }

  #heredocs(text: string, startLine: number): Heredoc[] {
    const starts = text.includes('<<') ? this.#at(startLine, () => heredocsOf(text)) : [];
    return starts.map((start) => this.#heredoc(start, startLine));
  }

  #heredoc(start: HeredocStart, instructionLine: number): Heredoc {
    const startLine = this.#line + 1;
    for (let at = this.#line; at < this.#lines.length; at += 1) {
      const line = withoutEnd(this.#lines[at] ?? '', '\r');
      if ((start.chomp ? line.replace(/^\t+/, '') : line) !== start.name) continue;
      const body = this.#lines.slice(this.#line, at);
      this.#line = at + 1;
      return { ...start, content: body.map((each) => `${each}\n`).join(''), startLine };
    }
    throw new DockerfileError(instructionLine, 'unterminated heredoc');
  }
}

function mayHaveHeredocs(instruction: Pick<Instruction, 'keyword' | 'isJson' | 'onbuild'>): boolean {
  const holder = instruction.keyword === 'ONBUILD' ? instruction.onbuild : instruction;
  return holder !== undefined && !holder.isJson && MAY_HAVE_HEREDOCS.has(holder.keyword);
}

/** The pieces of the text after `offset`. */
function shifted(pieces: readonly Piece[], offset: number): readonly Piece[] {
  const first = pieces.findLast((piece) => piece.offset <= offset);
  const later = pieces.filter((piece) => piece.offset > offset);
  return [
    { offset: 0, line: first?.line ?? 0 },
    ...later.map(({ offset: at, line }) => ({ offset: at - offset, line })),
  ];
}

/** The line of the file for an offset in the joined text of an instruction. */
export function lineAt(instruction: Pick<Instruction, 'pieces' | 'startLine'>, offset: number): number {
  const { pieces } = instruction;
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle]?.offset ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return pieces[low - 1]?.line ?? instruction.startLine;
}
