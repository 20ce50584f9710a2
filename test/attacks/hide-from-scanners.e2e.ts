/**
 * The attacker hides vulnerable software from Syft and Grype: through the actions, on a real Debian. Each of these once
 * turned a fail into a pass.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';
import { type DebianBase, DPKG_STATUS, debianBase, PYTHON_PACKAGES } from './debian-base.ts';

const suite = await theSuite();

let base: DebianBase;
const jobs: Job[] = [];
beforeAll(async () => {
  base = await debianBase();
}, 1_200_000);
afterAll(async () => {
  for (const job of jobs) await leave(job);
  await base?.close();
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

const YAML = `${PYTHON_PACKAGES}/PyYAML-5.3.1.dist-info/METADATA`;
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

describe('packages are hidden from Syft and Grype, and the gate fails:', () => {
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

    test('which is not packaged: Grype would omit it, and still finds its vulnerabilities', async () => {
      const scan = await scanned(
        'COPY lodash /app/node_modules/lodash',
        `RUN ${claiming({ name: 'acme', version: '4' }, '/app/node_modules/lodash/package.json')}`,
        `COPY yaml ${PYTHON_PACKAGES}`,
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
      const scan = await scanned(`COPY yaml ${PYTHON_PACKAGES}`, `RUN ${claiming(owner, YAML)}`);
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
    ['an emptied list', [`RUN : > ${DPKG_STATUS}`], /contents-hidden-packages/],
    [
      'a list that Syft cannot read',
      [`RUN printf 'Package: a\\nPackage: b\\n' >> ${DPKG_STATUS}`],
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
