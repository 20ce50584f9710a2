/** Where the pages of the repository are in the documentation site. */
import { posix } from 'node:path';

/** Files of the repository that become pages; the order is that of the sidebar's sections, not of these patterns. */
export const PAGE_PATTERNS = [
  'docs/**/*.md',
  'actions/*/README.md',
  'examples/README.md',
  'examples/*/README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
] as const;

/** @returns the page in the site, `policy/index.md`, of a file of the repository, `docs/policy/README.md` */
export function pageOf(file: string): string {
  const inDocs = /^docs\/(.+)$/.exec(file)?.[1];
  if (inDocs !== undefined) return inDocs.replace(/(^|\/)README\.md$/, '$1index.md');
  if (file === 'examples/README.md') return 'examples/index.md';
  const folder = /^((?:actions|examples)\/[\w.-]+)\/README\.md$/.exec(file)?.[1];
  return folder === undefined ? file.toLowerCase() : `${folder}.md`;
}

/** As the browser sees it: `/policy/`, `/tags`. */
export function routeOf(page: string): string {
  return `/${page.replace(/(^|\/)index\.md$/, '$1').replace(/\.md$/, '')}`;
}

/** A link from one page to another, with `/` for both. */
export function relativeLink(from: string, to: string): string {
  const link = posix.relative(posix.dirname(from), to);
  return link.startsWith('.') ? link : `./${link}`;
}
