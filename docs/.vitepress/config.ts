/** Settings of the site. Its pages, base path and sidebar are written by packages/tooling/src/site/build.ts. */
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';
import { anchorOf } from '../../packages/tooling/src/site/headings.ts';

const site = JSON.parse(readFileSync(new URL('pages/site.json', import.meta.url), 'utf8'));

/** A gate in water. Without an icon of its own, a browser asks the host for one. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M4 4h24v18H4z" fill="#1f4e79"/><path d="M10 4v18M16 4v18M22 4v18" stroke="#fff" stroke-width="2"/><path d="M2 27q3.5-4 7 0t7 0 7 0 7 0" fill="none" stroke="#2f80c0" stroke-width="3"/></svg>';

export default defineConfig({
  lang: 'en-US',
  title: 'Tidegate',
  description: 'Container images from commit to registry. A tag appears only if every check has passed.',
  base: site.base,
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(ICON)}` }]],
  srcDir: '.vitepress/pages',
  cleanUrls: false,
  // Links between pages are checked by a test of the repository, and once more here.
  ignoreDeadLinks: false,
  markdown: {
    anchor: { slugify: anchorOf },
    // Vue would evaluate `${{ github.repository }}` in inline code, as it does in text.
    config(md) {
      // An empty header of a column is no header.
      md.core.ruler.push('empty-headers', ({ tokens }) => {
        for (const [at, token] of tokens.entries()) {
          const [content, close] = [tokens[at + 1], tokens[at + 2]];
          if (token.type === 'th_open' && content?.content === '' && close) token.tag = close.tag = 'td';
        }
      });
      const render = md.renderer.rules.code_inline;
      md.renderer.rules.code_inline = (tokens, index, ...rest) => {
        tokens[index]?.attrSet('v-pre', '');
        return render?.(tokens, index, ...rest) ?? '';
      };
    },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  themeConfig: {
    search: { provider: 'local' },
    nav: [
      { text: 'First image', link: '/guides/first-image' },
      { text: 'Policy', link: '/policy/' },
      { text: 'Reference', link: '/reference/root-action' },
    ],
    sidebar: site.sidebar,
    outline: [2, 3],
    socialLinks: [{ icon: 'github', link: site.repository }],
  },
});
