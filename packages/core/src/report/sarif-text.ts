import { visibleLine } from '../text/terminal.ts';
import { clipped } from '../text/wording.ts';

const LONGEST_TEXT = 1000;

/**
 * A relative reference that stays below the root and cannot be read as a scheme (RFC 3986, 4.2): every segment is
 * percent-encoded, and an absolute path or one that leaves the root is replaced by its file name.
 */
export function relativeUri(file: string): string {
  const segments = file
    .replaceAll('\\', '/')
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.' && segment !== '..');
  const shown = segments.map((segment) => encodeURIComponent(segment.toWellFormed())).join('/');
  return shown === '' ? 'Dockerfile' : shown;
}

/** Only https and http: a viewer turns URLs into links, `javascript:` among them. */
export function webAddress(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { protocol, href } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? href : undefined;
}

export function plain(value: string, longest = LONGEST_TEXT): string {
  return clipped(visibleLine(value), longest);
}

/**
 * A message string (SARIF 3.11.5 and 3.11.6): braces are placeholders and brackets make links, unless they are escaped.
 * Angle brackets are removed, for viewers that interpret text as HTML.
 */
export function text(value: string): { readonly text: string } {
  const escaped = plain(value)
    .replace(/[\\[\]]/g, '\\$&')
    .replace(/[{}]/g, '$&$&')
    .replaceAll('<', '‹')
    .replaceAll('>', '›');
  return { text: escaped === '' ? '(no text)' : escaped };
}
