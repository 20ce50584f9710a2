import { hasKind, TidegateError } from '../../error.ts';
import { escapeMarkdown, inlineCode, table } from '../../text/markdown.ts';
import { clipped, counted } from '../../text/wording.ts';

/** The result for one of several images. Its texts may come from outside. */
export interface ImageResult {
  /** As the user wrote it. */
  readonly image: string;
  /** By digest; absent if it could not be resolved. */
  readonly reference?: string | undefined;
  readonly passed: boolean;
  /** It was not judged and stays as it is. It counts neither as passed nor as failed. */
  readonly isLeft?: boolean | undefined;
  /** Why it failed, or what was found. */
  readonly details: string;
}

const LONGEST = 600;
/** In a sentence. The summary and the output list all. */
const MOST_NAMED = 20;

/**
 * The summary of several images: the verdict, then a row for each image, failed ones first.
 * @param words what is true of images that passed, and of those that did not: `verified`, `must not be deployed`
 */
export function severalMarkdown(
  results: readonly ImageResult[],
  words: { readonly passed: string; readonly failed: string },
): string {
  const failed = results.filter(({ passed }) => !passed);
  const left = results.filter(({ passed, isLeft }) => passed && isLeft);
  const good = results.filter(({ passed, isLeft }) => passed && !isLeft);
  const others = left.length > 0 ? `, ${left.length} left as ${left.length === 1 ? 'it is' : 'they are'}` : '';
  const headline =
    failed.length === 0
      ? `✅ ${counted(good.length, 'image', 'images')} ${words.passed}${others}`
      : `❌ ${failed.length} of ${counted(results.length, 'image', 'images')} ${words.failed}`;
  const rows = [...failed, ...left, ...good].map((one) => [
    one.passed ? (one.isLeft ? '⚠️' : '✅') : '❌',
    inlineCode(clipped(one.reference ?? one.image, LONGEST)),
    escapeMarkdown(clipped(one.details, LONGEST)),
  ]);
  return `## ${headline}\n\n${table(['', 'Image', 'Details'], rows)}\n`;
}

/** Whether a registry or a tool gave no answer. Then nothing is known about the image. */
export function isUnanswered(error: unknown): error is TidegateError {
  return hasKind(error, 'network', 'unauthorized', 'registry', 'conflict', 'tool', 'disk');
}

/**
 * The error for several images if none of those that failed was judged: it is no verdict.
 * @param causes of those that failed; undefined for a verdict
 * @param total number of images
 * @returns undefined if one was judged
 */
export function notJudged(causes: readonly unknown[], total: number): TidegateError | undefined {
  const [first] = causes;
  if (!isUnanswered(first) || !causes.every(isUnanswered)) return undefined;
  const which = total === 1 ? '' : ` ${causes.length} of ${total} images could not be checked.`;
  return new TidegateError(first.id, `${first.message}${which}`, { next: first.next, cause: first });
}

/** `2 of 50 images failed: a, b`: for an error. */
export function severalFailed(results: readonly ImageResult[], failed: string): string {
  const names = results.filter(({ passed }) => !passed).map(({ image }) => clipped(image, 200));
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  return `${names.length} of ${counted(results.length, 'image', 'images')} ${failed}: ${names.slice(0, MOST_NAMED).join(', ')}${more}.`;
}
