/** A finding is led back to the line of the Dockerfile that brought its package in: BuildKit builds, Syft catalogs. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { type Cause, type CauseMap, causeOf, type Finding, fixSentence, placeOf } from '@tidegate/core';
import { catalog, causesOf, keepSbom } from '@tidegate/pipeline';
import { type Built, builtImage } from '../support/built-image.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();

const record = (name: string, version: string) =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\nMaintainer: nobody <nobody@example.org>\nDescription: a package\n\n`;
const npm = (name: string) => JSON.stringify({ name, version: '1.0.0', license: 'MIT' });

/** A distribution's image: two packages in dpkg's list, each with a record of its own. */
const BASE = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
COPY os-release /etc/os-release
COPY status /var/lib/dpkg/status
COPY info /var/lib/dpkg/info
`;

/** An edit here moves the lines that the test names. */
const DOCKERFILE = `# syntax of today
ARG RELEASE=12

FROM debian:\${RELEASE} AS build
COPY package.json /src/node_modules/from-build/package.json
RUN <<EOF
  mkdir -p /src/node_modules/made-there
  cp /src/node_modules/from-build/package.json /src/node_modules/made-there/
EOF

FROM debian:\${RELEASE} AS runtime
ENV A=b
RUN <<EOF
  printf '${record('curl', '7.88.1-10').replaceAll('\n', '\\n')}' >> /var/lib/dpkg/status
  echo /usr/bin/curl > /var/lib/dpkg/info/curl.list
EOF

FROM runtime
LABEL a=b
COPY --from=build \\
    /src/node_modules/from-build \\
    /app/node_modules/from-build
ADD added.tar /opt/
COPY --link linked /linked
USER 65532
`;

let built: Built;
let causes: CauseMap;

beforeAll(async () => {
  const base = await builtImage(suite, BASE, {
    'os-release': 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian"\n',
    status: record('libssl3', '3.0.11-1~deb12u2') + record('zlib1g', '1:1.2.13'),
    'info/libssl3.list': '/usr/lib/libssl.so.3\n',
    'info/zlib1g.list': '/usr/lib/libz.so.1\n',
  });
  const { layout, image } = base.target;
  built = await builtImage(
    suite,
    DOCKERFILE,
    {
      'package.json': npm('from-build'),
      'added.tar': await tarOf('node_modules/from-tar/package.json', npm('from-tar')),
      'linked/node_modules/from-link/package.json': npm('from-link'),
    },
    {
      buildContexts: [['debian:12', `oci-layout://${layout.folder}@${image.root.digest}`]],
      shownFile: 'docker/Dockerfile',
    },
  );
  const { target, services } = built;
  const [one] = target.image.platforms;
  if (!one) throw new Error('The build made no platform.');
  const outputDir = await mkdtemp(join(suite.folder, 'sbom-'));
  const cataloged = await catalog(target, one, { outputDir, name: 'app' }, services);
  await keepSbom(target, one, cataloged, services);
  const found = await causesOf(target, one);
  if (!found) throw new Error('The build left no record of its layers.');
  causes = found;
});

/** A file in a tar archive, by the machine's tar. */
async function tarOf(path: string, content: string): Promise<Buffer> {
  const { execFileSync } = await import('node:child_process');
  const { mkdirSync, writeFileSync } = await import('node:fs');
  const folder = await mkdtemp(join(suite.folder, 'tar-'));
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
  return execFileSync('tar', ['-c', '-C', folder, path.split('/')[0] ?? '.']);
}

function findingIn(name: string, version: string, type: string): Finding {
  return {
    id: 'CVE-2026-0001',
    severity: 'high',
    fix: 'fixed',
    fixedIn: ['9.9'],
    package: { name, version, type },
    locations: [],
    aliases: [],
  };
}

const lineOf = (text: string) => DOCKERFILE.split('\n').findIndex((line) => line.startsWith(text)) + 1;
const RUNTIME = 'FROM debian:$'.concat('{RELEASE} AS runtime');

test.each([
  ['a package of the base image', 'libssl3', '3.0.11-1~deb12u2', 'deb', RUNTIME],
  ['another, though dpkg wrote its list anew', 'zlib1g', '1:1.2.13', 'deb', RUNTIME],
  ['a package that a RUN with a heredoc installs', 'curl', '7.88.1-10', 'deb', 'RUN <<EOF\n  printf'],
  ['a package copied from another stage', 'from-build', '1.0.0', 'npm', 'COPY --from=build'],
  ['a package out of an archive', 'from-tar', '1.0.0', 'npm', 'ADD added.tar'],
  ['a package of COPY --link', 'from-link', '1.0.0', 'npm', 'COPY --link'],
])('%s is led back to its line', (_, name, version, type, instruction) => {
  const [first = '', second] = instruction.split('\n');
  const lines = DOCKERFILE.split('\n');
  const at = lines.findIndex(
    (line, index) => line.startsWith(first) && (!second || lines[index + 1]?.startsWith(second)),
  );
  const cause = causeOf(findingIn(name, version, type), causes);
  expect(placeOf(cause)).toMatchObject({ file: 'docker/Dockerfile', line: at + 1 });
});

test('a report contains the fix', () => {
  const say = (name: string, version: string, type: string): [string, Cause | undefined] => {
    // Of an npm package, a fix counts in the release line in use.
    const finding = { ...findingIn(name, version, type), fixedIn: [type === 'npm' ? '1.9' : '9.9'] };
    const cause = causeOf(finding, causes);
    return [fixSentence(finding, cause), cause];
  };
  const [base, cause] = say('libssl3', '3.0.11-1~deb12u2', 'deb');
  expect(base).toMatch(
    /^fixed by a newer base image than debian:12@sha256:[0-9a-f]{12} \(line 11\), or by upgrading libssl3 to 9\.9 in a line after it$/,
  );
  expect(cause?.origin).toMatchObject({ kind: 'base', digest: expect.stringMatching(/^sha256:/) });
  expect(say('from-build', '1.0.0', 'npm')[0]).toBe(
    `fixed by upgrading from-build to 1.9 in line ${lineOf('COPY --from=build')} (COPY --from=build /src/node_modules/from-build /app/node_modules/from-build)`,
  );
});

test('the published provenance contains neither the Dockerfile nor the layers of steps', async () => {
  const { target } = built;
  const referrers = await target.layout.referrers(target.image.root.digest, 'application/vnd.in-toto+json');
  expect(referrers.length).toBeGreaterThan(0);
  for (const referrer of referrers) {
    const manifest = JSON.parse(Buffer.from(await target.layout.fetchBytes(referrer)).toString());
    const bytes = Buffer.from(await target.layout.fetchBytes(manifest.layers[0], { limit: 1 << 26 })).toString();
    expect(bytes).not.toMatch(/llbDefinition|digestMapping|made-there/);
  }
});
