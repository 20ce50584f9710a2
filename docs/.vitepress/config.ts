/** Settings of the site. Its pages, base path and sidebar are written by packages/tooling/src/site/build.ts. */
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';
import { anchorOf } from '../../packages/tooling/src/site/headings.ts';

const site = JSON.parse(readFileSync(new URL('pages/site.json', import.meta.url), 'utf8'));

export default defineConfig({
  lang: 'en-US',
  title: 'Tidegate',
  description: 'Container images from commit to registry. A tag appears only if every check has passed.',
  base: site.base,
  srcDir: '.vitepress/pages',
  cleanUrls: false,
  // Links between pages are checked by a test of the repository, and once more here.
  ignoreDeadLinks: false,
  markdown: {
    anchor: { slugify: anchorOf },
    // Vue would evaluate `${{ github.repository }}` in inline code, as it does in text.
    config(md) {
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
