/** The documentation site has every page, each can be found, and links fit their new places. */
import { posix } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ROOT } from '../repository.ts';
import { anchorOf, anchorsOf } from './headings.ts';
import { readPages, titleOf } from './pages.ts';
import { pageOf, routeOf } from './paths.ts';
import { sidebarOf } from './sidebar.ts';
import { stagePage } from './stage.ts';

const pages = await readPages(ROOT);
const titles = new Map([...pages].map(([file, text]) => [file, titleOf(file, text)]));

describe('every page', () => {
  test('is in the sidebar once, under its title', () => {
    const items = sidebarOf(titles).flatMap((section) => section.items);
    const expected = [...titles].map(([file, title]) => ({ text: title, link: routeOf(pageOf(file)) }));
    const byLink = (a: { readonly link: string }, b: { readonly link: string }) => a.link.localeCompare(b.link);
    expect(items.toSorted(byLink)).toEqual(expected.toSorted(byLink));
    expect(items.length).toBeGreaterThan(120);
  });

  test('can be reached from docs/README.md by links', () => {
    const seen = new Set(['docs/README.md']);
    for (const file of seen) {
      for (const [, link = ''] of (pages.get(file) ?? '').matchAll(/\]\(([^)#\s:]+)[^)]*\)/g)) {
        const target = posix.join(posix.dirname(file), link).replace(/\/$/, '');
        for (const one of [target, posix.join(target, 'README.md')]) if (pages.has(one)) seen.add(one);
      }
    }
    expect([...pages.keys()].filter((file) => !seen.has(file))).toEqual([]);
  });

  test('has one title', () => {
    const wrong = [...pages].filter(
      ([, text]) => (text.replaceAll(/^```.*?^```/gms, '').match(/^# /gm) ?? []).length !== 1,
    );
    expect(wrong.map(([file]) => file)).toEqual([]);
  });
});

test('a page in no section is an error that names it', () => {
  expect(() => sidebarOf(new Map([...titles, ['docs/lost.md', 'Lost']]))).toThrow(
    /no section of the site: docs\/lost\.md/,
  );
});

test.each([
  ['docs/README.md', 'index.md', '/'],
  ['docs/tags.md', 'tags.md', '/tags'],
  ['docs/policy/README.md', 'policy/index.md', '/policy/'],
  ['actions/plan/README.md', 'actions/plan.md', '/actions/plan'],
  ['examples/node/README.md', 'examples/node.md', '/examples/node'],
  ['CONTRIBUTING.md', 'contributing.md', '/contributing'],
])('%s is the page %s at %s', (file, page, route) => {
  expect([pageOf(file), routeOf(pageOf(file))]).toEqual([page, route]);
});

describe('a link', () => {
  const site = {
    pages: new Set(['docs/tags.md', 'docs/policy/README.md', 'actions/plan/README.md', 'CONTRIBUTING.md']),
    repository: 'https://github.com/acme/tidegate',
    isFolder: (path: string) => path === 'examples/workflows',
  };
  const stage = (file: string, text: string) => stagePage(file, text, site);
  test.each([
    ['docs/tags.md', 'policy/README.md#presets', './policy/index.md#presets'],
    ['docs/policy/README.md', '../tags.md', '../tags.md'],
    ['docs/tags.md', '../actions/plan', './actions/plan.md'],
    ['actions/plan/README.md', '../../docs/tags.md', '../tags.md'],
    ['docs/tags.md', '../CONTRIBUTING.md', './contributing.md'],
    ['docs/tags.md', 'https://github.com/acme/tidegate/blob/main/docs/policy/README.md', './policy/index.md'],
    [
      'docs/tags.md',
      '../packages/core/src/plan.ts',
      'https://github.com/acme/tidegate/blob/main/packages/core/src/plan.ts',
    ],
    ['docs/tags.md', '../examples/workflows', 'https://github.com/acme/tidegate/tree/main/examples/workflows'],
    ['docs/tags.md', '#rules', '#rules'],
    ['docs/tags.md', 'https://example.com/a', 'https://example.com/a'],
  ])('of %s to %s becomes %s', (file, link, expected) => {
    expect(stage(file, `See [it](${link}).`).text).toBe(`See [it](${expected}).`);
  });
  test('in code stays as it is', () => {
    const text = '`[a](../tags.md)`\n\n```md\n[a](../tags.md)\n```\n';
    expect(stage('docs/policy/README.md', text).text).toBe(text);
  });
  test('to a picture takes the picture with it', () => {
    const { text, pictures } = stage('docs/tags.md', '![A summary](pictures/summary.png)');
    expect(text).toBe('![A summary](./pictures/docs-pictures-summary.png)');
    expect([...pictures]).toEqual([['docs/pictures/summary.png', 'pictures/docs-pictures-summary.png']]);
  });
});

test('text that the site would evaluate is an error', () => {
  const site = { pages: new Set<string>(), repository: 'https://github.com/acme/tidegate', isFolder: () => false };
  expect(() => stagePage('docs/a.md', 'A {{ b }}.', site)).toThrow('docs/a.md has {{ outside of code');
  expect(stagePage('docs/a.md', 'A `{{ b }}`.', site).text).toBe('A `{{ b }}`.');
});

test.each([
  ['Coming from docker/metadata-action', 'coming-from-dockermetadata-action'],
  ['Which BuildKit is used?', 'which-buildkit-is-used'],
  ['`npm test`, and [more](x.md)', 'npm-test-and-more'],
])('the anchor of %j is %s, as on GitHub', (heading, anchor) => {
  expect(anchorOf(heading)).toBe(anchor);
});

test('a repeated heading gets a number', () => {
  expect([...anchorsOf('# A\n\n## B\n\n## B\n')]).toEqual(['a', 'b', 'b-1']);
});
