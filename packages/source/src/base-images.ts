import { isDigest } from '@tidegate/core';
import { isSpace, trimStart } from './dockerfile/characters.ts';
import { type Instruction, lineAt, parseDockerfile } from './dockerfile/parse.ts';
import { type Expanded, expanded, keyValue, type StagedDockerfile, stagesOf } from './dockerfile/stages.ts';
import { baseReference } from './rules/image.ts';
import { flagOf, mountsOf } from './rules/subject.ts';

/** An image that a Dockerfile uses: FROM, COPY --from, RUN --mount=from. */
export interface BaseImage {
  /** With build arguments replaced by their defaults. */
  readonly image: string;
  readonly line: number;
  /** `FROM`, `COPY --from`, `ARG NODE`: where its digest is written. */
  readonly path: string;
  /** Offsets of the digest in the text of the file. Undefined if it cannot be replaced there, or there is none. */
  readonly digest?: { readonly start: number; readonly end: number } | undefined;
  /** A clause: why the digest cannot be replaced. `has no digest` for an image without one. */
  readonly why?: string | undefined;
}

const NO_DIGEST = 'has no digest';
const COMPOSED = 'is composed of build arguments';
const ELSEWHERE = 'is written in several lines or parts';

/**
 * The base images of a Dockerfile, with the places of their digests. Stages, `scratch` and the frontend of `# syntax=`
 * are not among them.
 * @throws DockerfileError if BuildKit would fail
 */
export function baseImagesOf(text: string): readonly BaseImage[] {
  const file = stagesOf(parseDockerfile(text));
  const places = new Places(text);
  const found = new Map<string, BaseImage>();
  for (const one of [...fromLines(file, places), ...flagged(file, places)]) {
    // Several FROM lines may use one build argument.
    const key = one.digest ? `${one.digest.start}` : `${one.line} ${one.path} ${one.image}`;
    if (!found.has(key)) found.set(key, one);
  }
  return [...found.values()].sort((one, other) => one.line - other.line);
}

function fromLines(file: StagedDockerfile, places: Places): BaseImage[] {
  const declared = declarations(file);
  return file.stages.flatMap(({ parent, base, from, instruction }) => {
    if (parent || from.text === 'scratch' || from.text === '') return [];
    const direct = { image: from.text, line: instruction.startLine, path: 'FROM' };
    if (from.via.length + from.unknown.length === 0) return places.of(instruction, direct, 1);
    return [ofArgument(declared, base, from, direct, places)];
  });
}

/** The ARGs before the first FROM by name, with every instruction that declares it. */
function declarations({ preamble }: StagedDockerfile): ReadonlyMap<string, readonly Instruction[]> {
  const found = new Map<string, Instruction[]>();
  for (const instruction of preamble) {
    if (instruction.keyword !== 'ARG') continue;
    for (const [name] of instruction.args.map(keyValue)) {
      const before = found.get(name);
      if (before) before.push(instruction);
      else found.set(name, [instruction]);
    }
  }
  return found;
}

/** The digest of `ARG NODE=node:22@sha256:…` with `FROM $NODE` is in the ARG. */
function ofArgument(
  declared: ReadonlyMap<string, readonly Instruction[]>,
  base: string,
  { via, unknown }: Expanded,
  direct: BaseImage,
  places: Places,
): BaseImage {
  const [name = ''] = via;
  const written = declared.get(name) ?? [];
  const [instruction] = written;
  const isWhole = base === `$${name}` || base === `\${${name}}`;
  if (isWhole && via.length === 1 && unknown.length === 0 && instruction && written.length === 1) {
    const [place] = places.of(instruction, { ...direct, path: `ARG ${name}` }, 1);
    if (place?.digest) return place;
  }
  return { ...direct, why: direct.image.includes('@') ? COMPOSED : NO_DIGEST };
}

function flagged(file: StagedDockerfile, places: Places): BaseImage[] {
  return file.stages.flatMap((stage) =>
    stage.instructions.flatMap((instruction) => {
      const inner = instruction.onbuild ?? instruction;
      const copied = flagOf(inner, 'from');
      const named = [copied, ...mountsOf(inner).map((mount) => mount.get('from'))].filter(
        (name): name is string => name !== undefined && name !== '' && !file.stageNamed(name, stage.index),
      );
      return [...new Set(named)].flatMap((name) => {
        const { text, via, unknown } = expanded(name, file.globals, file.escape);
        const path = `${inner.keyword} ${name === copied ? '--from' : '--mount=from'}`;
        const direct = { image: text, line: instruction.startLine, path };
        if (via.length + unknown.length > 0) return [{ ...direct, why: text.includes('@') ? COMPOSED : NO_DIGEST }];
        return places.of(instruction, direct, named.filter((other) => other === name).length);
      });
    }),
  );
}

/** Finds what is written in an instruction in the text of the file. */
class Places {
  readonly #lines: readonly { readonly start: number; readonly text: string }[];

  constructor(text: string) {
    let at = text.startsWith('\ufeff') ? 1 : 0;
    this.#lines = text
      .slice(at)
      .split('\n')
      .map((line) => {
        const start = at;
        at += line.length + 1;
        return { start, text: line };
      });
  }

  /** The image at each place. It must be written as often as the instruction names it, and nowhere else in it. */
  of(instruction: Instruction, direct: BaseImage, times: number): BaseImage[] {
    const { image } = direct;
    const { tag, digest } = baseReference(image);
    if (digest === undefined) return [{ ...direct, why: NO_DIGEST }];
    if (!isDigest(digest)) return [{ ...direct, why: 'has no sha256 digest' }];
    if (!tag) return [{ ...direct, why: 'has no tag, which would tell the digest that is current' }];
    const found = occurrences(instruction.text, image);
    const placed = found.flatMap((offset) => {
      const end = offset + image.length;
      const start = this.#sourceOf(instruction, end - digest.length);
      const isWhole = this.#sourceOf(instruction, end - 1) === start + digest.length - 1;
      const line = lineAt(instruction, end - digest.length);
      return isWhole ? [{ ...direct, line, digest: { start, end: start + digest.length } }] : [];
    });
    return found.length === times && placed.length === times ? placed : [{ ...direct, why: ELSEWHERE }];
  }

  /** The offset in the file of an offset in the joined lines of an instruction. */
  #sourceOf({ pieces }: Instruction, offset: number): number {
    const at = pieces.findLastIndex((piece) => piece.offset <= offset);
    const piece = pieces[at] ?? { offset: 0, line: 1 };
    const line = this.#lines[piece.line - 1] ?? { start: 0, text: '' };
    // The parser removes blanks before an instruction, but not before continued lines.
    const blanks = at > 0 ? 0 : line.text.length - trimStart(line.text).length;
    return line.start + blanks + offset - piece.offset;
  }
}

function occurrences(text: string, image: string): number[] {
  const found: number[] = [];
  for (let at = text.indexOf(image); at >= 0; at = text.indexOf(image, at + image.length)) {
    const before = text[at - 1] ?? ' ';
    const after = text[at + image.length] ?? ' ';
    if ((isSpace(before) || '=\'"'.includes(before)) && (isSpace(after) || ',\'"'.includes(after))) found.push(at);
  }
  return found;
}

export interface NewDigest {
  readonly base: BaseImage;
  readonly digest: string;
}

/**
 * The text with these digests in place of the old ones. The result is read again, and its base images must be the wanted
 * ones.
 * @returns undefined if they are not
 */
export function withNewDigests(text: string, changes: readonly NewDigest[]): string | undefined {
  const wanted = new Map<number, string>();
  for (const { base, digest } of changes) if (base.digest) wanted.set(base.digest.start, digest);
  const parts: string[] = [];
  let at = 0;
  for (const [start, digest] of [...wanted].sort(([one], [other]) => one - other)) {
    parts.push(text.slice(at, start), digest);
    at = start + digest.length;
  }
  const after = parts.join('') + text.slice(at);
  const expected = baseImagesOf(text).map((one) => {
    const digest = one.digest && wanted.get(one.digest.start);
    return digest ? { ...one, image: `${one.image.slice(0, one.image.indexOf('@'))}@${digest}` } : one;
  });
  return JSON.stringify(baseImagesOf(after)) === JSON.stringify(expected) ? after : undefined;
}
