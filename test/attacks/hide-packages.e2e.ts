/**
 * The attacker leaves vulnerable software in the image and takes it off the lists that scanners read. On a real Debian,
 * built by BuildKit; beside the attacks, what package managers do to the same files.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decide, type Policy } from '@tidegate/core';
import { contents } from '@tidegate/pipeline';
import { builtImage, type ContextFile } from '../support/built-image.ts';
import { theSuite } from '../support/suite.ts';
import { type DebianBase, DPKG_STATUS, debianBase, debianPackage, PYTHON_PACKAGES } from './debian-base.ts';

const suite = await theSuite();

let base: DebianBase;
let files: Readonly<Record<string, ContextFile>>;

beforeAll(async () => {
  base = await debianBase();
  files = {
    ...(await acmePackages()),
    'site/requests/__init__.py': 'x',
    'site/requests-2.19.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: requests\nVersion: 2.19.0\n',
    'site/requests-2.19.0.dist-info/RECORD': 'requests/__init__.py,,\nrequests-2.19.0.dist-info/METADATA,,\n',
    'node_modules/lodash/package.json': '{"name":"lodash","version":"4.17.20"}',
    'node_modules/lodash/lodash.js': 'x',
  };
}, 1_200_000);
afterAll(() => base?.close());

/** `upgraded2.deb`: version 2 of a package of that name. */
async function acmePackages(): Promise<Readonly<Record<string, Buffer>>> {
  const all: readonly (readonly [name: string, version: string])[] = [
    ['acme', '1'],
    ['upgraded', '1'],
    ['upgraded', '2'],
    ['downgraded', '1'],
    ['downgraded', '2'],
    ['purged', '1'],
    ['removed', '1'],
  ];
  const made = all.map(
    async ([name, version]) => [`${name}${version}.deb`, await debianPackage(name, version)] as const,
  );
  return Object.fromEntries(await Promise.all(made));
}

const ONLY_CONTENTS: Policy = {
  require: [],
  failOn: 'none',
  unknownSeverity: 'report',
  knownExploited: 'report',
  onlyFixed: false,
  maxDatabaseAge: Number.POSITIVE_INFINITY,
  maxScanAge: Number.POSITIVE_INFINITY,
  contents: { traces: { secret: 'report' } },
};

interface Judged {
  /** Why the gate refuses the image. */
  readonly why: readonly string[];
  /** `/path: what (layer 4, Dockerfile:4)` of each package that is hidden. */
  readonly hidden: readonly string[];
}

/** An image of these lines on Debian; the first of them is line 2. */
async function judged(lines: readonly string[]): Promise<Judged> {
  const dockerfile = [`FROM ${base.name}`, ...lines, ''].join('\n');
  const { target, services } = await builtImage(suite, dockerfile, files);
  const found = await contents(target, ONLY_CONTENTS.contents, services);
  const evidence = found.map((one, at) => ({
    kind: 'contents' as const,
    subject: target.image.platforms[at]?.descriptor.digest ?? target.image.root.digest,
    contents: one.contents,
  }));
  const verdict = decide(ONLY_CONTENTS, target.image, evidence, new Date());
  const failed = verdict.rules.filter(({ outcome }) => outcome === 'fail');
  expect(failed.map(({ rule }) => rule)).toEqual(failed.map(() => 'contents-hidden-packages'));
  const hidden = found.flatMap(({ contents: { layers, traces } }) =>
    traces
      .filter(({ kind }) => kind === 'hidden-package')
      .map(({ path, what, layer }) => `${path}: ${what} (layer ${layer + 1}, ${layers[layer]?.line})`),
  );
  return { why: failed.map(({ why }) => why), hidden };
}

/** `sed`, in place, on one paragraph. */
const edit = (name: string, script: string) => `RUN sed -i '/^Package: ${name}$/,/^$/${script}' ${DPKG_STATUS}`;
/** All of the first stage, in one layer: no lower one tells what was on the list. */
const FLATTENED = ['FROM scratch', 'COPY --from=0 / /'];

const WHOLE_LISTS: readonly (readonly [how: string, lines: readonly string[], says: RegExp])[] = [
  ['the list is emptied', [`RUN : > ${DPKG_STATUS}`], /[0-9]{2} packages hidden .*\(layer 2, Dockerfile:2, .*: > /],
  ['the list is deleted', [`RUN rm ${DPKG_STATUS}`], /[0-9]{2} packages hidden/],
  ['the folder is deleted', ['RUN rm -rf /var/lib/dpkg'], /[0-9]{2} packages hidden/],
  ['the folder is moved', ['RUN mv /var/lib/dpkg /opt/'], /[0-9]{2} packages hidden/],
  [
    'a line that scanners stumble over',
    [`RUN printf 'Package: a\\nPackage: b\\n' >> ${DPKG_STATUS}`],
    /[0-9]{2} packages hidden/,
  ],
  [
    'the list is emptied, and all is copied into one layer',
    [`RUN : > ${DPKG_STATUS}`, ...FLATTENED],
    /[0-9]{2} packages hidden .*: package \S+ is on no list, its files are in the image .*\(layer 1, Dockerfile:4, COPY/,
  ],
  [
    'one paragraph is deleted, and all is copied into one layer',
    [edit('tar', 'd'), ...FLATTENED],
    /1 package hidden .*\/info\/tar\.list: package tar is on no list, its files are in the image \(\/(usr\/)?bin\/tar\)/,
  ],
];

/** One after the other in one image, each on a package of its own. The last line of each is what is reported. */
const ONE_PACKAGE: readonly (readonly [how: string, lines: readonly string[], says: RegExp])[] = [
  [
    'a list of before the installation is put back',
    ['COPY acme1.deb /', `RUN cp ${DPKG_STATUS} /old && dpkg -i /acme1.deb`, `RUN cp /old ${DPKG_STATUS}`],
    /^\/var\/lib\/dpkg\/status: package acme 1 removed from the list, its files remain \(\/usr\/bin\/acme\)/,
  ],
  [
    'one paragraph is deleted',
    [edit('tar', 'd')],
    /package tar \S+ removed from the list, its files remain \(\/(usr\/)?bin\/tar\)/,
  ],
  [
    'and its list of files',
    [`${edit('mawk', 'd')} && rm /var/lib/dpkg/info/mawk.*`],
    /package mawk \S+ removed from the list, its files remain \(\/usr\/bin\/mawk\)/,
  ],
  [
    'and its files are written again',
    [`${edit('hostname', 'd')} && cp /bin/hostname /x && touch /x && mv /x /bin/hostname`],
    /package hostname \S+ removed from the list, its files remain \(\/(usr\/)?bin\/hostname was written again\)/,
  ],
  [
    'one counts as removed',
    [edit('diffutils', 's/^Status: .*/Status: deinstall ok config-files/')],
    /package diffutils \S+ removed/,
  ],
  [
    'one is called otherwise',
    [
      `${edit('grep', 's/^Package: grep/Package: other/')} && mv /var/lib/dpkg/info/grep.list /var/lib/dpkg/info/other.list`,
    ],
    /package grep \S+ removed/,
  ],
  [
    'another version',
    [edit('bsdutils', 's/^Version: .*/Version: 99/')],
    /package bsdutils \S+ became bsdutils 99 in the list, its files did not change/,
  ],
  [
    'another source package',
    [edit('libgnutls30', 's/^Source: .*/Source: acme/')],
    /package libgnutls30 (\S+) became libgnutls30 \1, of another source in the list/,
  ],
  [
    'a made package writes one of its files again, and lists the rest',
    [
      `${edit('gzip', 'd')} && mv /var/lib/dpkg/info/gzip.list /var/lib/dpkg/info/taker.list && rm /var/lib/dpkg/info/gzip.* && printf 'Package: taker\\nStatus: install ok installed\\nArchitecture: amd64\\nVersion: 1\\n\\n' >> ${DPKG_STATUS} && echo '#' >> /bin/zcat`,
    ],
    /package gzip \S+ removed from the list, its files remain \(\/(usr\/)?bin\/\S+, now of another package\)/,
  ],
  [
    'another distribution',
    ['RUN sed -i s/ID=debian/ID=acmeos/ /usr/lib/os-release'],
    /os-release: the distribution debian 12 became acmeos 12, and the package that says it did not change/,
  ],
  [
    'a wheel without its metadata',
    [`COPY site ${PYTHON_PACKAGES}`, `RUN rm -rf ${PYTHON_PACKAGES}/*.dist-info`],
    /package requests 2\.19\.0 removed from the list, its files remain/,
  ],
  [
    'a module whose version is edited',
    ['COPY node_modules /app/node_modules', 'RUN sed -i s/4.17.20/99.0.0/ /app/node_modules/lodash/package.json'],
    /package lodash 4\.17\.20 became lodash 99\.0\.0 in the list, its files did not change/,
  ],
];

/** Several in one image, where none undoes another. */
const ORDINARY: readonly (readonly [what: string, lines: readonly string[]])[] = [
  [
    'installs, upgrades, downgrades, removes and purges',
    [
      'COPY *.deb /tmp/',
      'RUN dpkg -i /tmp/acme1.deb && rm /tmp/acme1.deb',
      ...['upgraded1', 'upgraded2', 'downgraded2', 'downgraded1', 'purged1', 'removed1'].map(
        (name) => `RUN dpkg -i /tmp/${name}.deb`,
      ),
      'RUN dpkg --purge purged',
      'RUN apt-get remove -y removed',
      'RUN apt-get purge -y tzdata && apt-get autoremove -y --purge',
    ],
  ],
  [
    'replaces a package by one of another name, and by other software',
    [
      'COPY *.deb /tmp/',
      'RUN dpkg -i /tmp/acme1.deb /tmp/upgraded1.deb',
      ...[
        ['newacme', 'acme', 'cp /usr/bin/acme /p/usr/bin/'],
        ['other', 'upgraded', 'printf "#!/bin/sh\\n" > /p/usr/bin/upgraded'],
      ].map(([name, old, fill]) => {
        const source = name === 'other' ? '' : `Source: ${old}\\n`;
        const control = `Package: ${name}\\n${source}Version: 2\\nArchitecture: all\\nMaintainer: A <a@example.org>\\nConflicts: ${old}\\nReplaces: ${old}\\nDescription: x\\n`;
        return `RUN mkdir -p /p/DEBIAN /p/usr/bin && printf '${control}' > /p/DEBIAN/control && ${fill} && dpkg-deb -b /p /new.deb && dpkg -i /new.deb && rm -rf /p /new.deb`;
      }),
    ],
  ],
  ['purges essential ones', ['RUN dpkg --purge --force-all tar perl-base apt libgnutls30 && rm -rf /usr/share/doc']],
  [
    'removes wheels and modules with their metadata, and changes what a release calls itself in words alone',
    [
      `COPY site ${PYTHON_PACKAGES}`,
      'COPY node_modules /app/node_modules',
      `RUN rm -rf ${PYTHON_PACKAGES}/requests* && rm -rf /app/node_modules/lodash`,
      'RUN sed -i "s/^PRETTY_NAME=.*/PRETTY_NAME=Acme/" /usr/lib/os-release',
    ],
  ],
  [
    'copies all into one layer, a package with configuration alone',
    ['RUN dpkg --remove --force-all apt', ...FLATTENED],
  ],
  [
    'copies files alone out of a stage, whatever its list says',
    [
      `RUN : > ${DPKG_STATUS}`,
      'FROM scratch',
      'COPY --from=0 /bin /bin',
      'COPY --from=0 /usr/share/doc /usr/share/doc',
    ],
  ],
];

describe('a package that is hidden from scanners fails:', () => {
  test.each(WHOLE_LISTS)('%s', async (_, lines, says) => {
    const { why } = await judged(lines);
    expect(why).toHaveLength(1);
    expect(why[0]).toMatch(says);
  });

  describe('one package', () => {
    let one: Judged;
    beforeAll(async () => {
      one = await judged(ONE_PACKAGE.flatMap(([, lines]) => lines));
    }, 300_000);

    test.each(ONE_PACKAGE)('%s', (how, _, says) => {
      const at = ONE_PACKAGE.findIndex(([other]) => other === how);
      const line = 1 + ONE_PACKAGE.slice(0, at + 1).flatMap(([, lines]) => lines).length;
      const found = one.hidden.filter((text) => says.test(text));
      expect(found).toHaveLength(1);
      expect(found[0]).toMatch(new RegExp(`\\(layer ${line}, Dockerfile:${line}\\)$`));
    });

    test('and no other', () => {
      expect(one.hidden).toHaveLength(ONE_PACKAGE.length);
      expect(one.why).toEqual([expect.stringContaining(`${ONE_PACKAGE.length} packages hidden from scanners`)]);
    });
  });
});

describe('changes by package managers pass:', () => {
  test.each(ORDINARY)('%s', async (_, lines) => {
    expect(await judged(lines)).toEqual({ why: [], hidden: [] });
  });

  test('copies files out of a stage without a list, on a system with its own', async () => {
    const lines = [`RUN : > ${DPKG_STATUS}`, `FROM ${base.name}`, 'COPY --from=0 /bin /bin'];
    expect(await judged(lines)).toEqual({ why: [], hidden: [] });
  });
});
