/** The sections of the site, and which pages are in each, in this order. */
import { pageOf, routeOf } from './paths.ts';

interface Section {
  readonly title: string;
  /** Files of the repository, or `folder/*` for all pages of a folder that no section names. Missing ones are left out. */
  readonly files: readonly string[];
  /** For a section with many pages, which starts closed: the page that lists them. */
  readonly listedIn?: string;
}

const SECTIONS: readonly Section[] = [
  {
    title: 'Start',
    files: [
      'docs/README.md',
      'docs/guides/first-image.md',
      'docs/guides/ways.md',
      'docs/guides/command-line.md',
      'docs/guides/moving.md',
      'docs/guides/signing.md',
      'examples/README.md',
      'examples/*',
    ],
  },
  {
    title: 'Build',
    files: [
      'docs/guides/platforms.md',
      'docs/guides/private-bases.md',
      'docs/guides/several-registries.md',
      'docs/guides/testing.md',
      'docs/guides/many-images.md',
      'docs/guides/passwordless-logins.md',
      'docs/guides/caching.md',
      'docs/tags.md',
      'docs/sources.md',
      'docs/builders.md',
      'docs/scaling.md',
    ],
  },
  {
    title: 'Gate and policy',
    files: [
      'docs/guides/fixing.md',
      'docs/policy/README.md',
      'docs/guides/policy-recipes.md',
      'docs/reproduced.md',
      'docs/baseline.md',
      'docs/guides/updates.md',
      'docs/policy/rules.md',
      'docs/rules/README.md',
    ],
  },
  { title: 'Rules of the gate', files: ['docs/policy/*'], listedIn: 'docs/policy/rules.md' },
  { title: 'Source rules', files: ['docs/rules/*'], listedIn: 'docs/rules/README.md' },
  {
    title: 'Verify',
    files: [
      'docs/guides/verifying.md',
      'docs/guides/kubernetes.md',
      'docs/guides/pinning-manifests.md',
      'docs/verification.md',
    ],
  },
  {
    title: 'Closed networks',
    files: ['docs/guides/closed-networks.md', 'docs/networks.md', 'docs/guides/own-sigstore.md'],
  },
  { title: 'Troubleshooting', files: ['docs/troubleshooting.md'] },
  { title: 'Errors', files: ['docs/errors/*'], listedIn: 'docs/troubleshooting.md' },
  {
    title: 'Reference',
    files: [
      'docs/reference/root-action.md',
      'docs/reference/reusable-workflow.md',
      'docs/reference/*',
      'actions/*',
      'docs/limits.md',
      'docs/build-type.md',
      'docs/checked.md',
    ],
  },
  {
    title: 'Security and design',
    files: ['docs/threat-model.md', 'docs/design.md', 'docs/performance.md', 'SECURITY.md'],
  },
  { title: 'Contributing', files: ['CONTRIBUTING.md', 'docs/architecture.md', 'docs/decisions/README.md'] },
  { title: 'Decisions', files: ['docs/decisions/*'], listedIn: 'docs/decisions/README.md' },
];

interface SidebarItem {
  readonly text: string;
  readonly link: string;
}

interface SidebarSection {
  readonly text: string;
  readonly items: readonly SidebarItem[];
  /** The generator makes a closed section without a link a button in a button, which screen readers cannot use. */
  readonly link?: string;
  readonly collapsed?: true;
}

/**
 * @param pages files of the repository, with their titles
 * @throws Error if a page is in no section: nobody would find it
 */
export function sidebarOf(pages: ReadonlyMap<string, string>): readonly SidebarSection[] {
  const named = new Set(SECTIONS.flatMap(({ files }) => files).filter((file) => !file.endsWith('/*')));
  const placed = new Set<string>();
  const sections = SECTIONS.map(({ title, files, listedIn = '' }) => {
    const found = files.flatMap((file) => (file.endsWith('/*') ? inFolder(file.slice(0, -1), pages, named) : [file]));
    const items = found
      .filter((file) => pages.has(file))
      .map((file) => {
        placed.add(file);
        return { text: pages.get(file) ?? '', link: routeOf(pageOf(file)) };
      });
    const closed = pages.has(listedIn) ? { link: routeOf(pageOf(listedIn)), collapsed: true as const } : {};
    return { text: title, items, ...closed };
  });
  const lost = [...pages.keys()].filter((file) => !placed.has(file));
  if (lost.length > 0) {
    throw new Error(
      `These pages are in no section of the site: ${lost.join(', ')} → add them in packages/tooling/src/site/sidebar.ts`,
    );
  }
  return sections.filter(({ items }) => items.length > 0);
}

function inFolder(folder: string, pages: ReadonlyMap<string, string>, named: ReadonlySet<string>): string[] {
  return [...pages.keys()]
    .filter((file) => file.startsWith(folder) && file.endsWith('.md') && !named.has(file))
    .toSorted();
}
