import { visible } from '@tidegate/core';
import { CONTINUED } from '@tidegate/tools';

/** A step of the build (a vertex of BuildKit's graph), as `--progress=plain` prints it. */
export interface Step {
  /** `[build 3/7] RUN make`, `[internal] load metadata for …`. Build arguments are expanded. */
  readonly name: string;
  /** Its last lines of output, without time stamps, visible. */
  readonly output: readonly string[];
  readonly error: string | undefined;
}

/** The lines of the Dockerfile that buildx shows for an error. */
interface Excerpt {
  readonly line: number;
  /** The instruction as written. */
  readonly text: string;
}

export interface Transcript {
  /** BuildKit's error, without `failed to solve:`. */
  readonly reason: string;
  readonly step: Step | undefined;
  readonly excerpt: Excerpt | undefined;
}

/** Per step. Compilers print the first error long before the last line. */
const MOST_LINES = 400;
const LONGEST_LINE = 1000;
/** In characters, of the final message: registries add their own lines to it. */
const LONGEST_REASON = 4000;
const LONGEST_EXCERPT = 200;
const MOST_REASONS = 400;

/** Instructions of the Dockerfile that a build had to do, those of stages in use. */
export interface StepCounts {
  readonly steps: number;
  /** Taken from a cache. */
  readonly cached: number;
}

interface Open {
  name: string;
  output: string[];
  error: string | undefined;
}

/**
 * Reads the output of `buildx build --progress=plain` (moby/buildkit util/progress/progressui/printer.go, docker/buildx
 * cmd/buildx/main.go): `#6 [2/3] RUN …`, `#6 0.125 output`, `#6 ERROR: …`, then an excerpt of the Dockerfile below
 * `Dockerfile:4`, and at the end `ERROR: failed to build: failed to solve: …`. Memory is bounded.
 */
export class TranscriptReader {
  readonly #steps = new Map<string, Open>();
  #excerpt: { line: number; text: string[] } | undefined;
  #isExcerpt = false;
  #reason: string[] | undefined;
  /** Line of `Dockerfile:4`, until a ruler follows. */
  #place: number | undefined;
  /** By id, each instruction, and whether it was cached. */
  readonly #counted = new Map<string, boolean>();
  readonly #redact: (text: string) => string;

  /** @param redact removes secrets, before a line is cut */
  constructor(redact: (text: string) => string) {
    this.#redact = redact;
  }

  read(raw: string): void {
    // Not the beginning of a line that BuildKit wrote.
    if (raw.startsWith(CONTINUED)) return;
    const line = visible(this.#redact(raw).slice(0, LONGEST_LINE));
    const ofStep = /^#(\d+) (.*)$/.exec(line);
    if (ofStep) {
      this.#readStep(ofStep[1] ?? '', ofStep[2] ?? '');
      return;
    }
    if (line.startsWith('ERROR: ')) {
      this.#reason = [withoutPrefix(line.slice('ERROR: '.length))];
      this.#isExcerpt = false;
    } else if (this.#reason) {
      if (this.#reason.length < MOST_REASONS) this.#reason.push(line);
    } else this.#readExcerpt(line);
  }

  /** FROM is no step: whether its image was here already says nothing about the work that a cache saved. */
  steps(): StepCounts {
    return { steps: this.#counted.size, cached: [...this.#counted.values()].filter(Boolean).length };
  }

  /** @returns undefined if buildx reported no error of its own */
  transcript(): Transcript | undefined {
    const reason = this.#redact(this.#reason?.join('\n') ?? '')
      .trim()
      .slice(0, LONGEST_REASON);
    if (reason === '') return undefined;
    const { line, text } = this.#excerpt ?? { line: 0, text: [] };
    return {
      reason,
      step: this.#failedStep(reason),
      excerpt: text.length === 0 ? undefined : { line, text: text.join('\n') },
    };
  }

  #readStep(id: string, rest: string): void {
    const step = this.#steps.get(id);
    if (!step) {
      this.#steps.set(id, { name: rest, output: [], error: undefined });
      if (INSTRUCTION.test(rest) && !this.#counted.has(id)) this.#counted.set(id, false);
      return;
    }
    const output = /^\d+\.\d+ (.*)$/.exec(rest);
    if (output) {
      step.output.push(output[1] ?? '');
      if (step.output.length > MOST_LINES) step.output.shift();
    } else if (rest.startsWith('ERROR: ')) step.error = rest.slice('ERROR: '.length);
    else if (/^(?:DONE|CACHED)\b/.test(rest)) {
      if (rest === 'CACHED' && this.#counted.has(id)) this.#counted.set(id, true);
      this.#steps.delete(id);
    }
  }

  #readExcerpt(line: string): void {
    const place = /^[^ ].*:(\d+)$/.exec(line);
    const isRuler = line === '-'.repeat(20);
    if (this.#isExcerpt) {
      const marked = /^ *(\d+) \| >>> ?(.*)$/.exec(line);
      const text = this.#excerpt?.text ?? [];
      if (isRuler) this.#isExcerpt = false;
      else if (marked && text.length < LONGEST_EXCERPT) text.push(marked[2] ?? '');
    } else if (place) this.#place = Number(place[1]);
    else if (isRuler && this.#place !== undefined) {
      this.#excerpt = { line: this.#place, text: [] };
      this.#isExcerpt = true;
      this.#place = undefined;
    }
  }

  /**
   * The step whose error ended the build. Others may have an error as well: an unreadable cache is only reported, and a
   * step that runs beside the failed one is cancelled.
   */
  #failedStep(reason: string): Step | undefined {
    const failed = [...this.#steps.values()].filter(({ error }) => error !== undefined);
    const first = reason.split('\n', 1)[0] ?? '';
    const same = failed.find(({ error = '' }) => first.endsWith(error) || error.endsWith(first));
    return same ?? failed.findLast(({ name }) => !name.startsWith('importing cache'));
  }
}

/** `[2/3] RUN …`, `[build 3/7] …`, `[linux/arm64 build 3/7] …`. */
const INSTRUCTION = /^\[(?:[^\]]* )?\d+\/\d+\] (?!FROM )/;

function withoutPrefix(text: string): string {
  return text.replace(/^failed to build: /, '').replace(/^failed to solve: /, '');
}
