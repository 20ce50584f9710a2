/** Turns the pages of the repository into those of the site: other places, and links that fit them. */
import { posix } from 'node:path';
import { pageOf, relativeLink } from './paths.ts';

export interface SiteFiles {
  /** Files of the repository that are pages. */
  readonly pages: ReadonlySet<string>;
  /** `https://github.com/owner/name` */
  readonly repository: string;
  /** Whether a path of the repository is a folder. */
  readonly isFolder: (path: string) => boolean;
}

export interface StagedPage {
  readonly page: string;
  readonly text: string;
  /** Pictures of the repository that the page shows, to copy beside it: from its path to that in the site. */
  readonly pictures: ReadonlyMap<string, string>;
}

const PICTURE = /\.(?:png|svg|jpe?g|webp|gif)$/;

/** @throws Error if the text has `{{` outside of code, which the site would evaluate */
export function stagePage(file: string, text: string, site: SiteFiles): StagedPage {
  const page = pageOf(file);
  const pictures = new Map<string, string>();
  const staged = outsideCode(text, (part) => {
    if (part.includes('{{')) throw new Error(`${file} has {{ outside of code, which the site would evaluate`);
    return part
      .replaceAll(/\]\(([^)\s]+)\)/g, (_, link: string) => `](${linkIn(file, page, link, site, pictures)})`)
      .replaceAll(/\bsrc(set)?="([^"\s]+)"/g, (_, set: string | undefined, link: string) => {
        return `src${set ?? ''}="${linkIn(file, page, link, site, pictures)}"`;
      });
  });
  return { page, text: staged, pictures };
}

function linkIn(file: string, page: string, link: string, site: SiteFiles, pictures: Map<string, string>): string {
  const own = link.startsWith(`${site.repository}/blob/main/`)
    ? link.slice(`${site.repository}/blob/main/`.length)
    : undefined;
  if (own === undefined && /^(?:[a-z]+:|#)/.test(link)) return link;
  const [path = '', anchor] = (own ?? posix.join(posix.dirname(file), link)).split('#');
  const target = path.replace(/\/$/, '');
  const hash = anchor === undefined ? '' : `#${anchor}`;
  for (const one of [target, posix.join(target, 'README.md')]) {
    if (site.pages.has(one)) return `${relativeLink(page, pageOf(one))}${hash}`;
  }
  if (PICTURE.test(target) && own === undefined) {
    const copied = `pictures/${target.replaceAll('/', '-')}`;
    pictures.set(target, copied);
    return relativeLink(page, copied);
  }
  return `${site.repository}/${site.isFolder(target) ? 'tree' : 'blob'}/main/${target}${hash}`;
}

/** Changes the parts of a page that are neither fenced nor inline code. */
function outsideCode(text: string, change: (part: string) => string): string {
  const code = /^( *)```.*?^\1```$|`[^`\n]+`/gms;
  let result = '';
  let last = 0;
  for (const match of text.matchAll(code)) {
    result += change(text.slice(last, match.index)) + match[0];
    last = match.index + match[0].length;
  }
  return result + change(text.slice(last));
}
