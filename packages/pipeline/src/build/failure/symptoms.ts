import type { Facts } from './facts.ts';
import { lastWords } from './last-words.ts';

/** In lines. V8 prints a stack of some 30 lines below `heap out of memory`; what came long before is no cause. */
const END = 40;

/** The title of a test may have the words of any error. */
const TEST_RESULT = /^(?:(?:not )?ok \d|[✓✔√✕✗✖×] |(?:--- )?(?:PASS|FAIL|SKIP)\b)/;

/** Without the command, which BuildKit repeats: it may name any error. */
const own = (reason: string) => reason.split('did not complete successfully: ').at(-1) ?? reason;

/** The last line, of the end of a step's output or of BuildKit's error, that has these words. Without indentation. */
export function says({ step, reason }: Facts, pattern: RegExp): string | undefined {
  const output = (step?.output ?? []).map((line) => line.trim()).filter((line) => line !== '');
  const end = [...output.slice(-END).filter((line) => !TEST_RESULT.test(line)), own(reason)];
  return end.findLast((line) => pattern.test(line));
}

/**
 * The report of the program itself, as a sentence, if it is not in the line that a cause was found by: ordinary output
 * can have the words of a cause, and must not hide the failure.
 */
export function otherWords({ step, reason }: Facts, line: string | undefined): string {
  if (line === undefined || line === own(reason)) return '';
  const words = lastWords(step?.output ?? []);
  return words === undefined || words === lastWords([line]) ? '' : ` The program said: ${words.replace(/\.$/, '')}.`;
}
