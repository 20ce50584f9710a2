/** Finds which errors of the catalog a test expects: by name, by code, or by the words of one of its messages. */
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ERRORS, type ErrorId } from '@tidegate/core';
import type { Thrown } from './thrown.ts';

const TESTS = ['packages/*/src/**/*.{test,fixture}.ts', 'actions/**/*.test.ts', 'test/**/*.ts'];
/** So many words in this order are in no test by chance. */
const WORDS = 3;

/** All tests in one text, without the escapes of regular expressions and with single blanks. */
export async function readTests(root: string): Promise<string> {
  const texts: string[] = [];
  for await (const path of glob(TESTS, { cwd: root, exclude: (name) => name.includes('node_modules') })) {
    // The tests of the catalog itself try nothing.
    if (!path.startsWith('packages/tooling/')) texts.push(await readFile(join(root, path), 'utf8'));
  }
  return plain(texts.join('\n'));
}

export function isTried(id: ErrorId, messages: Thrown['messages'], tests: string): boolean {
  if (tests.includes(`'${id}'`) || tests.includes(ERRORS[id].code)) return true;
  return (messages.get(id) ?? []).some((message) => phrases(plain(message)).some((phrase) => tests.includes(phrase)));
}

function plain(text: string): string {
  return text.replace(/\\(.)/g, '$1').replace(/\s+/g, ' ');
}

/** Every run of words between the parts of a message that vary; a shorter run as a whole, if it is two words. */
function phrases(message: string): readonly string[] {
  return message.split('…').flatMap((part) => {
    const words = part.split(' ').filter((word) => /[A-Za-z]{2}/.test(word));
    const last = (words.at(-1) ?? '').replace(/[.:;,]+$/, '');
    const cleaned = [...words.slice(0, -1), last].filter((word) => word !== '');
    if (cleaned.length < WORDS) return cleaned.length < 2 || part.length < 14 ? [] : [cleaned.join(' ')];
    return cleaned.slice(WORDS - 1).map((_, at) => cleaned.slice(at, at + WORDS).join(' '));
  });
}
