/**
 * The attacker leaves vulnerable software in the image and takes it off the lists that scanners read. On a real Debian,
 * built by BuildKit; beside the attacks, what package managers do to the same files.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decide, type Policy } from '@tidegate/core';
import { contents } from '@tidegate/pipeline';
import { builtImage, type ContextFile } from '../support/built-image.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';
import { type DebianBase, debianBase, debianPackage } from './debian-base.ts';

const suite = await theSuite();
const SITE = '/usr/local/lib/python3.11/dist-packages';

let base: DebianBase;
let files: Readonly<Record<string, ContextFile>>;
const jobs: Job[] = [];

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
afterAll(async () => {
  for (const job of jobs) await leave(job);
  await base?.close();
});

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

const STATUS = '/var/lib/dpkg/status';
/** `sed`, in place, on one paragraph. */
const edit = (name: string, script: string) => `RUN sed -i '/^Package: ${name}$/,/^$/${script}' ${STATUS}`;
/** All of the first stage, in one layer: no lower one tells what was on the list. */
const FLATTENED = ['FROM scratch', 'COPY --from=0 / /'];

const WHOLE_LISTS: readonly (readonly [how: string, lines: readonly string[], says: RegExp])[] = [
  ['the list is emptied', [`RUN : > ${STATUS}`], /[0-9]{2} packages hidden .*\(layer 2, Dockerfile:2, .*: > /],
  ['the list is deleted', [`RUN rm ${STATUS}`], /[0-9]{2} packages hidden/],
  ['the folder is deleted', ['RUN rm -rf /var/lib/dpkg'], /[0-9]{2} packages hidden/],
  ['the folder is moved', ['RUN mv /var/lib/dpkg /opt/'], /[0-9]{2} packages hidden/],
  [
    'a line that scanners stumble over',
    [`RUN printf 'Package: a\\nPackage: b\\n' >> ${STATUS}`],
    /[0-9]{2} packages hidden/,
  ],
  [
    'the list is emptied, and all is copied into one layer',
    [`RUN : > ${STATUS}`, ...FLATTENED],
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
    ['COPY acme1.deb /', `RUN cp ${STATUS} /old && dpkg -i /acme1.deb`, `RUN cp /old ${STATUS}`],
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
      `${edit('gzip', 'd')} && mv /var/lib/dpkg/info/gzip.list /var/lib/dpkg/info/taker.list && rm /var/lib/dpkg/info/gzip.* && printf 'Package: taker\\nStatus: install ok installed\\nArchitecture: amd64\\nVersion: 1\\n\\n' >> ${STATUS} && echo '#' >> /bin/zcat`,
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
    [`COPY site ${SITE}`, `RUN rm -rf ${SITE}/*.dist-info`],
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
      `COPY site ${SITE}`,
      'COPY node_modules /app/node_modules',
      `RUN rm -rf ${SITE}/requests* && rm -rf /app/node_modules/lodash`,
      'RUN sed -i "s/^PRETTY_NAME=.*/PRETTY_NAME=Acme/" /usr/lib/os-release',
    ],
  ],
  [
    'copies all into one layer, a package with configuration alone',
    ['RUN dpkg --remove --force-all apt', ...FLATTENED],
  ],
  [
    'copies files alone out of a stage, whatever its list says',
    [`RUN : > ${STATUS}`, 'FROM scratch', 'COPY --from=0 /bin /bin', 'COPY --from=0 /usr/share/doc /usr/share/doc'],
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

describe('what package managers do passes:', () => {
  test.each(ORDINARY)('%s', async (_, lines) => {
    expect(await judged(lines)).toEqual({ why: [], hidden: [] });
  });

  test('copies files out of a stage without a list, on a system with its own', async () => {
    const lines = [`RUN : > ${STATUS}`, `FROM ${base.name}`, 'COPY --from=0 /bin /bin'];
    expect(await judged(lines)).toEqual({ why: [], hidden: [] });
  });
});

/** In the commit, for `COPY app`: Syft drops each of these, or calls it otherwise. */
const UNREADABLE: Readonly<Record<string, string>> = {
  'app/node_modules/lodash/package.json': '{"name":"lodash","version":"4.17.20","author":["a"]}',
  'app/node_modules/author/package.json': '{"author":5,"name":"author","version":"1.0.0"}',
  'app/node_modules/twice/package.json': '{"name":5,"name":"twice","version":"1.0.0"}',
  'app/node_modules/mark/package.json': '\uFEFF{"name":"mark","version":"1.0.0"}',
  'app/site/field-1.dist-info/METADATA': 'Name: field\nVersion: 1\nRequires-dist: x\n',
  'app/site/mark-1.dist-info/METADATA': '\uFEFFName: mark\nVersion: 1\n',
  'app/specifications/rack-2.0.1.gemspec':
    'Gem::Specification.new do |s|\n s.name = "rack".freeze\n s.version = "2.0.1"\nend\n# s.na.freezeme = "other"\n',
  'app/vendor/composer/installed.json': '{"packages":[{"name":"acme/x","version":"1.0.0","authors":[5]}]}',
  'app/conda-meta/x-1-0.json': '{"name":"x","version":"1","build":0}',
};

const YAML = `${SITE}/PyYAML-5.3.1.dist-info/METADATA`;
const CLAIMED: Readonly<Record<string, string>> = {
  'lodash/package.json': '{"name":"lodash","version":"4.17.20"}',
  'yaml/PyYAML-5.3.1.dist-info/METADATA': 'Metadata-Version: 2.1\nName: PyYAML\nVersion: 5.3.1\n',
};

/** Makes a package that holds a file as it is already there, and installs it over it. */
function claiming(
  { name, version, source }: { readonly name: string; readonly version: string; readonly source?: string },
  file: string,
): string {
  const fields = [`Package: ${name}`, `Version: ${version}`, 'Architecture: amd64', 'Maintainer: a <a@example.org>'];
  const control = [...fields, ...(source ? [`Source: ${source}`] : []), 'Description: x', ''].join('\\n');
  return [
    `mkdir -p /p/DEBIAN /p$(dirname ${file}) && cp ${file} /p${file}`,
    `printf '${control}' > /p/DEBIAN/control && dpkg-deb --nocheck -b /p /p.deb`,
    'dpkg -i --force-overwrite --force-bad-version /p.deb && rm -rf /p /p.deb',
  ].join(' && ');
}

/** Through the actions, with Syft and Grype: each of these once turned a fail into a pass. */
describe('Syft and Grype are blinded, and the gate stays shut:', () => {
  const scanned = async (...lines: readonly string[]) => {
    const dockerfile = [`FROM ${base.name}`, ...lines, ''].join('\n');
    const job = await newJob(suite, {
      app: 'vulnerable',
      files: { Dockerfile: dockerfile, ...UNREADABLE, ...CLAIMED },
    });
    jobs.push(job);
    await succeeded(job.run('build-image'));
    await succeeded(job.run('generate-sbom'));
    return job.run('scan-image');
  };

  test('an image as Debian made it passes', async () => {
    const scan = await scanned('RUN touch /app');
    expect(scan.log.join('\n')).not.toMatch(/contents-hidden-packages|distribution-known/);
    expect(scan.outputs.verdict).toBe('pass');
  });

  test('metadata of languages that Syft gives up and the tools of the language read: Grype gets them all the same', async () => {
    const { exitCode, log, outputs, summary } = await scanned('COPY app /app');
    expect([exitCode, outputs.verdict]).toEqual([1, 'fail']);
    const others = Object.keys(UNREADABLE).filter((path) => /composer|conda/.test(path)).length;
    const count = Object.keys(UNREADABLE).length - others;
    const says = `linux/amd64: ${count} packages added to the scan, because Syft cannot read the metadata: `;
    expect(log).toContainEqual(expect.stringContaining(says));
    expect(summary.replaceAll('\\', '')).toContain('GHSA-35jh-r3h4-6jhm');
    // Grype matches these by CPE, which nothing here derives.
    const left = log.find((line) => /^contents-hidden-packages:/.test(line));
    expect(left).toMatch(new RegExp(`: ${others} packages hidden from scanners: `));
  });

  test('a name in such metadata that no statement may hold', async () => {
    const name = 'x'.repeat(500);
    const { log, outputs } = await scanned(
      `RUN mkdir -p /app/node_modules/x && echo '{"author":5,"name":"${name}","version":"1.0.0"}' > /app/node_modules/x/package.json`,
    );
    expect(outputs.verdict).toBe('fail');
    expect(log).toContainEqual(
      expect.stringMatching(
        /^contents-hidden-packages: .* was not scanned, its metadata cannot be read by the scanner/,
      ),
    );
  });

  describe('a package claims the files of another', () => {
    const ADVISORIES = { lodash: 'GHSA-35jh-r3h4-6jhm', yaml: 'GHSA-8q59-q68h-6hv4', go: 'GO-2022-1059' };

    test('which nobody packaged: Grype would leave it out, and finds its vulnerabilities all the same', async () => {
      const scan = await scanned(
        'COPY lodash /app/node_modules/lodash',
        `RUN ${claiming({ name: 'acme', version: '4' }, '/app/node_modules/lodash/package.json')}`,
        `COPY yaml ${SITE}`,
        `RUN ${claiming({ name: 'acme-yaml', version: '5.3.1-1', source: 'tar' }, YAML)}`,
        'COPY app-linux-amd64 /app/x',
        `RUN ${claiming({ name: 'acme-go', version: 'v' }, '/app/x')}`,
      );
      expect([scan.exitCode, scan.outputs.verdict]).toEqual([1, 'fail']);
      for (const id of Object.values(ADVISORIES)) expect(scan.summary.replaceAll('\\', '')).toContain(id);
      expect(scan.log).toContainEqual(expect.stringMatching(/ scanned although another one claims the files: /));
    });

    test("which the distribution packaged, and patched: the distribution's advisories count", async () => {
      const owner = { name: 'python3-yaml', version: '5.3.1-5+b1', source: 'pyyaml (5.3.1-5)' };
      const scan = await scanned(`COPY yaml ${SITE}`, `RUN ${claiming(owner, YAML)}`);
      expect(scan.outputs.verdict).toBe('pass');
      expect(scan.log.join('\n')).not.toContain(ADVISORIES.yaml);
      expect(scan.log.join('\n')).not.toContain('claims the files');
    });
  });

  test.each<[string, readonly string[], RegExp]>([
    ['another ID', ['RUN sed -i s/ID=debian/ID=acmeos/ /usr/lib/os-release'], /scan-distribution-known/],
    ['a release that is none', ['RUN sed -i s/\\"12\\"/\\"99\\"/ /usr/lib/os-release'], /scan-distribution-known/],
    [
      "another distribution's name",
      ['RUN printf "ID=alpine\\nVERSION_ID=3.19.1\\n" > /usr/lib/os-release'],
      /scan-distribution-known/,
    ],
    // Syft takes the version from there, and Grype knows this one.
    ['the version of another Debian', ['RUN echo 13.1 > /etc/debian_version'], /debian 12 became debian 13\.1/],
    ['a distribution that it is like', ['RUN echo ID_LIKE=arch >> /usr/lib/os-release'], /with other lines of it/],
    ['an emptied list', [`RUN : > ${STATUS}`], /contents-hidden-packages/],
    [
      'a list that Syft cannot read',
      [`RUN printf 'Package: a\\nPackage: b\\n' >> ${STATUS}`],
      /contents-hidden-packages/,
    ],
    [
      'another ID, in an image of one layer',
      ['RUN sed -i s/ID=debian/ID=acmeos/ /usr/lib/os-release', 'FROM scratch', 'COPY --from=0 / /'],
      /scan-distribution-known/,
    ],
  ])('%s', async (_, lines, says) => {
    const scan = await scanned(...lines);
    expect(scan.exitCode).toBe(1);
    expect(scan.outputs.verdict).toBe('fail');
    expect(`${scan.summary}\n${scan.log.join('\n')}`).toMatch(says);
  });
});
