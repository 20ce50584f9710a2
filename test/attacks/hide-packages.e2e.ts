/**
 * The attacker leaves vulnerable software in the image and takes it off the lists that scanners read. On a real Debian,
 * built by BuildKit; beside the attacks, what package managers do to the same files.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decide, type Policy } from '@tidegate/core';
import { contents } from '@tidegate/pipeline';
import { builtImage, type ContextFile } from '../e2e/support/built-image.ts';
import { type Job, leave, newJob, succeeded } from '../e2e/support/job.ts';
import { theSuite } from '../e2e/support/suite.ts';
import { acmePackage, type DebianBase, debianBase } from './debian-base.ts';

const suite = await theSuite();
const SITE = '/usr/local/lib/python3.11/dist-packages';

let base: DebianBase;
let files: Readonly<Record<string, ContextFile>>;
const jobs: Job[] = [];

beforeAll(async () => {
  base = await debianBase();
  files = {
    'acme1.deb': await acmePackage('1'),
    'acme2.deb': await acmePackage('2'),
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

const ONLY_CONTENTS: Policy = {
  require: [],
  failOn: 'none',
  unknownSeverity: 'report',
  onlyFixed: false,
  maxDatabaseAge: Number.POSITIVE_INFINITY,
  maxScanAge: Number.POSITIVE_INFINITY,
  contents: { traces: { secret: 'report' } },
};

/** Why the gate refuses an image of these lines on Debian; the first of them is line 2. */
async function refused(...lines: readonly string[]): Promise<readonly string[]> {
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
  return failed.map(({ why }) => why);
}

const STATUS = '/var/lib/dpkg/status';
/** `sed`, in place, on one paragraph. */
const edit = (name: string, script: string) => `RUN sed -i '/^Package: ${name}$/,/^$/${script}' ${STATUS}`;
/** All of the first stage, in one layer: no lower one tells what was on the list. */
const FLATTENED = ['FROM scratch', 'COPY --from=0 / /'];

const ATTACKS: readonly (readonly [how: string, lines: readonly string[], says: RegExp])[] = [
  ['the list is emptied', [`RUN : > ${STATUS}`], /[0-9]{2} packages hidden .*\(layer 2, Dockerfile:2, RUN : >/],
  ['the list is deleted', [`RUN rm ${STATUS}`], /[0-9]{2} packages hidden/],
  ['the folder is deleted', ['RUN rm -rf /var/lib/dpkg'], /[0-9]{2} packages hidden/],
  ['the folder is moved', ['RUN mv /var/lib/dpkg /opt/'], /[0-9]{2} packages hidden/],
  [
    'a line that scanners stumble over',
    [`RUN printf 'Package: a\\nPackage: b\\n' >> ${STATUS}`],
    /[0-9]{2} packages hidden/,
  ],
  [
    'a list of before the installation is put back',
    [`COPY acme1.deb /`, `RUN cp ${STATUS} /old && dpkg -i /acme1.deb`, `RUN cp /old ${STATUS}`],
    /1 package hidden from scanners: \/var\/lib\/dpkg\/status: package acme 1 removed .*\(\/usr\/bin\/acme\) \(layer 4, Dockerfile:4,/,
  ],
  [
    'one paragraph is deleted',
    [edit('tar', 'd')],
    /package tar \S+ removed from the list, its files remain \(\/(usr\/)?bin\/tar\)/,
  ],
  [
    'and its list of files',
    [edit('tar', 'd'), 'RUN rm /var/lib/dpkg/info/tar.*'],
    /package tar \S+ removed from the list, its files remain .*\(layer 2, Dockerfile:2,/,
  ],
  [
    'and its files are written again',
    [`${edit('tar', 'd')} && cp -a /bin/tar /x && mv /x /bin/tar && find /usr -name '*tar*' -exec touch {} +`],
    /package tar \S+ removed from the list, its files remain/,
  ],
  [
    'one counts as removed',
    [edit('tar', 's/^Status: .*/Status: deinstall ok config-files/')],
    /package tar \S+ removed/,
  ],
  [
    'one is called otherwise',
    [`${edit('tar', 's/^Package: tar/Package: acme/')} && mv /var/lib/dpkg/info/tar.list /var/lib/dpkg/info/acme.list`],
    /package tar \S+ removed/,
  ],
  [
    'the list is emptied before all is copied into one layer',
    [`RUN : > ${STATUS}`, ...FLATTENED],
    /[0-9]{2} packages hidden .*: package \S+ is on no list, its files are in the image .*\(layer 1, Dockerfile:4, COPY/,
  ],
  [
    'one paragraph is deleted before',
    [edit('tar', 'd'), ...FLATTENED],
    /1 package hidden .*\/info\/tar\.list: package tar is on no list, its files are in the image \(\/(usr\/)?bin\/tar\)/,
  ],
  [
    'another version',
    [edit('tar', 's/^Version: .*/Version: 99/')],
    /package tar \S+ became tar 99 in the list, its files did not change/,
  ],
  [
    'another source package',
    [edit('libssl3', 's/^Source: .*/Source: acme/')],
    /package libssl3 (\S+) became libssl3 \1, of another source in the list/,
  ],
  [
    'another distribution',
    ['RUN sed -i s/ID=debian/ID=acmeos/ /usr/lib/os-release'],
    /os-release: the distribution debian 12 became acmeos 12, and the package that says it did not change/,
  ],
  [
    'a wheel without its metadata',
    [`COPY site ${SITE}`, `RUN rm -rf ${SITE}/*.dist-info`],
    /package requests 2\.19\.0 removed from the list, its files remain .*\(layer 3, Dockerfile:3,/,
  ],
  [
    'a module whose version is edited',
    ['COPY node_modules /app/node_modules', 'RUN sed -i s/4.17.20/99.0.0/ /app/node_modules/lodash/package.json'],
    /package lodash 4\.17\.20 became lodash 99\.0\.0 in the list, its files did not change/,
  ],
];

const ORDINARY: readonly (readonly [what: string, lines: readonly string[]])[] = [
  ['copies all into one layer', ['RUN dpkg --remove --force-all apt', ...FLATTENED]],
  ['installs', ['COPY acme1.deb /tmp/', 'RUN dpkg -i /tmp/acme1.deb && rm /tmp/acme1.deb']],
  ['installs and upgrades', ['COPY *.deb /tmp/', 'RUN dpkg -i /tmp/acme1.deb', 'RUN dpkg -i /tmp/acme2.deb']],
  ['installs and downgrades', ['COPY *.deb /tmp/', 'RUN dpkg -i /tmp/acme2.deb', 'RUN dpkg -i /tmp/acme1.deb']],
  ['installs and purges', ['COPY acme1.deb /tmp/', 'RUN dpkg -i /tmp/acme1.deb', 'RUN dpkg --purge acme']],
  ['installs and removes', ['COPY acme1.deb /tmp/', 'RUN dpkg -i /tmp/acme1.deb', 'RUN apt-get remove -y acme']],
  ["purges the base's own packages", ['RUN apt-get purge -y tzdata && apt-get autoremove -y --purge']],
  ['purges essential ones', ['RUN dpkg --purge --force-all tar perl-base apt libssl3 && rm -rf /usr/share/doc']],
  [
    'removes wheels and modules with their metadata',
    [
      `COPY site ${SITE}`,
      'COPY node_modules /app/node_modules',
      `RUN rm -rf ${SITE}/requests* && rm -rf /app/node_modules/lodash`,
    ],
  ],
  [
    'changes what a release calls itself, in words alone',
    ['RUN sed -i "s/^PRETTY_NAME=.*/PRETTY_NAME=Acme/" /usr/lib/os-release'],
  ],
];

describe('a package that is hidden from scanners fails:', () => {
  test.each(ATTACKS)('%s', async (_, lines, says) => {
    const why = await refused(...lines);
    expect(why).toHaveLength(1);
    expect(why[0]).toMatch(says);
  });
});

describe('what package managers do passes:', () => {
  test.each(ORDINARY)('%s', async (_, lines) => {
    expect(await refused(...lines)).toEqual([]);
  });

  test('copies files alone out of a stage, whatever its list says, and on a system with a list of its own', async () => {
    const copied = ['COPY --from=0 /bin /bin', 'COPY --from=0 /usr/share/doc /usr/share/doc'];
    expect(await refused(`RUN : > ${STATUS}`, 'FROM scratch', ...copied)).toEqual([]);
    expect(await refused(`RUN : > ${STATUS}`, `FROM ${base.name}`, ...copied)).toEqual([]);
  });
});

/** Through the actions, with Syft and Grype: each of these once turned a fail into a pass. */
describe('Syft and Grype are blinded, and the gate stays shut:', () => {
  const scanned = async (...lines: readonly string[]) => {
    const dockerfile = [`FROM ${base.name}`, ...lines, ''].join('\n');
    const job = await newJob(suite, { files: { Dockerfile: dockerfile } });
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

  test.each<[string, readonly string[], RegExp]>([
    ['another ID', ['RUN sed -i s/ID=debian/ID=acmeos/ /usr/lib/os-release'], /scan-distribution-known/],
    ['a release that is none', ['RUN sed -i s/\\"12\\"/\\"99\\"/ /usr/lib/os-release'], /scan-distribution-known/],
    [
      "another distribution's name",
      ['RUN printf "ID=alpine\\nVERSION_ID=3.19.1\\n" > /usr/lib/os-release'],
      /scan-distribution-known/,
    ],
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
