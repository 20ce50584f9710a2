import { appendSummary } from './summary.ts';

/** The parts of a step's summary, kept until the run ends: a failure comes first, whatever was reported before it. */
export interface StepSummary {
  /** @param isVerdict the section begins with its own headline about the failure of this run, and says what to do. */
  add(section: string, isVerdict: boolean): void;
  /** Below the sections. Left out if there are none. */
  addBelow(section: string): void;
  /** Write the sections of a run that succeeded. */
  succeed(): Promise<void>;
  /** Write what failed. @param verdictNote set if a verdict is why the run failed: see failedSummary */
  fail(failure: string, verdictNote: string | undefined): Promise<void>;
}

interface Section {
  readonly text: string;
  readonly isVerdict: boolean;
}

/** @param write receives the whole text, once. */
export function createStepSummary(write: (markdown: string) => Promise<void>): StepSummary {
  const sections: Section[] = [];
  const below: string[] = [];
  let isWritten = false;
  const writeOnce = async (markdown: string) => {
    // A crash while a failure is being reported would report again.
    if (isWritten || markdown === '') return;
    isWritten = true;
    await write(sections.length === 0 ? markdown : [markdown, ...below.map(ended)].join('\n'));
  };
  return {
    add: (text, isVerdict) => sections.push({ text, isVerdict }),
    addBelow: (section) => {
      if (section !== '') below.push(section);
    },
    succeed: () => writeOnce(sections.map(({ text }) => ended(text)).join('\n')),
    fail: (failure, verdictNote) => writeOnce(failedSummary(failure, verdictNote, sections)),
  };
}

/**
 * One headline: that of the verdict, with a note, if the verdict is why the run failed; otherwise the failure's. Reports written
 * before the failure are folded below it: "gate passed" must not be read as the result of a push that failed.
 */
function failedSummary(failure: string, note: string | undefined, sections: readonly Section[]): string {
  if (note !== undefined && sections.some(({ isVerdict }) => isVerdict)) {
    return sections.map(({ text, isVerdict }) => ended(isVerdict ? `${ended(text)}\n${note}` : text)).join('\n');
  }
  if (sections.length === 0) return failure;
  const earlier = sections.map(({ text }) => ended(text)).join('\n');
  return `${failure}\n<details><summary>Report</summary>\n\n${earlier}\n</details>\n`;
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** Appends to the file of GITHUB_STEP_SUMMARY; outside of a runner there is none. */
export function summaryWriter(
  file: string | undefined,
  log: { warning(message: string): void; redact(text: string): string },
): (markdown: string) => Promise<void> {
  return async (markdown) => {
    if (!file) return;
    const whole = await appendSummary(file, log.redact(markdown));
    if (!whole) log.warning('The job summary was cut: GitHub shows at most 1 MiB.');
  };
}
