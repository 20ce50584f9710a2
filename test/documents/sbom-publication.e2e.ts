/** Documents that generate-sbom sends to GitHub, as far as a fake API can tell: it checks no permission. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { readSyft } from '@tidegate/attest';
import { formatExactPlatform } from '@tidegate/core';
import { ImageLayout } from '@tidegate/oci';
import { attachSyft, openTarget, type PlatformSbom, type Target } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { publishSboms } from '../../actions/support/reports/sbom-publication.ts';
import { type Answer, closeGitHubs, gitHub } from '../../packages/runner/src/github/fake-github.fixture.ts';
import { cyclonedxOf, spdxOf, syftOf, testImage } from '../tool-failures/image.ts';

let folder = '';
let target: Target;
const sboms: PlatformSbom[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-sboms-'));
  const layout = join(folder, 'layout');
  await ImageLayout.create(layout);
  for (const [file, bytes] of testImage('app').files) {
    await mkdir(join(layout, file, '..'), { recursive: true });
    await writeFile(join(layout, file), bytes);
  }
  target = await openTarget(layout);
  for (const { descriptor, platform } of target.image.platforms) {
    const { digest } = descriptor;
    const bytes = Buffer.from(JSON.stringify(syftOf(digest)));
    const said = readSyft(bytes, digest);
    await attachSyft(target, descriptor, bytes, said);
    const name = formatExactPlatform(platform);
    const file = async (kind: string, document: object) => {
      const path = join(folder, `${name.replaceAll('/', '-')}.${kind}.json`);
      await writeFile(path, JSON.stringify(document));
      return path;
    };
    sboms.push({
      ...{ platform: name, packages: said.packages, syft: { path: '', digest: said.document } },
      ...{ spdx: await file('spdx', spdxOf(digest)), cyclonedx: await file('cdx', cyclonedxOf(digest)) },
    });
  }
});
afterEach(closeGitHubs);
afterAll(() => rm(folder, { recursive: true, force: true }));

const RELEASES = '/repos/acme/app/releases';
const answer: Answer = (_, path, url) =>
  path === RELEASES
    ? [200, [{ id: 3, tag_name: 'v1.2.3', assets: [], upload_url: `${url}${RELEASES}/3/assets{?name,label}` }]]
    : [201, {}];

async function given(wanted: { snapshot: boolean; assets: boolean }) {
  const { asked, job, warnings } = await gitHub(answer);
  const env = { ...job.env, GITHUB_REF: 'refs/tags/v1.2.3', GITHUB_REF_NAME: 'v1.2.3' };
  const here: Job = { ...job, env, event: {} };
  const image = { name: 'ghcr.io/acme/app', target, sboms, token: 'a token' };
  await publishSboms(image, { 'dependency-snapshot': wanted.snapshot, 'release-assets': wanted.assets }, here);
  return { asked, warnings };
}

test('the dependency graph gets each platform with its packages, and who cataloged them', async () => {
  const { asked, warnings } = await given({ snapshot: true, assets: false });
  expect(warnings).toEqual([]);
  const purl = 'pkg:deb/debian/base-files@12.4?arch=amd64&distro=debian-12';
  const manifest = (platform: string) => ({
    name: `ghcr.io/acme/app (${platform})`,
    file: { source_location: 'Dockerfile' },
    resolved: { [purl]: { package_url: purl, scope: 'runtime' } },
  });
  expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /repos/acme/app/dependency-graph/snapshots',
  ]);
  expect(asked[0]?.body).toMatchObject({
    detector: { name: 'Syft', version: '1.50.0' },
    manifests: {
      'ghcr.io/acme/app (linux/amd64)': manifest('linux/amd64'),
      'ghcr.io/acme/app (linux/arm64)': manifest('linux/arm64'),
    },
  });
});

test('the release gets both documents of each platform, under names that say what they are of', async () => {
  const { asked, warnings } = await given({ snapshot: false, assets: true });
  expect(warnings).toEqual([]);
  const uploads = asked.filter(({ method }) => method === 'POST');
  expect(uploads.map(({ query }) => query)).toEqual([
    'name=app_v1.2.3_linux-amd64.spdx.json',
    'name=app_v1.2.3_linux-amd64.cdx.json',
    'name=app_v1.2.3_linux-arm64.spdx.json',
    'name=app_v1.2.3_linux-arm64.cdx.json',
  ]);
  expect(uploads[0]?.body).toEqual(spdxOf(target.image.platforms[0]?.descriptor.digest ?? ''));
});

test('neither receives anything unless configured', async () => {
  expect((await given({ snapshot: false, assets: false })).asked).toEqual([]);
});
