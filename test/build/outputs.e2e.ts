/** Stages as files beside the image: their provenance is signed with the image, and cosign verifies each file. */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { PredicateType } from '@tidegate/core';
import type { BundleResult } from '@tidegate/testkit';
import { BUSYBOX } from '../support/built-image.ts';
import { ask } from '../support/client.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';
import { content, openRoot } from '../support/surgery.ts';

const suite = await theSuite();
const jobs: Job[] = [];
afterAll(() => Promise.all(jobs.map(leave)));

const DOCKERFILE = `FROM scratch AS shell
COPY busybox /bin/busybox

FROM shell AS made
ARG GREETING=hello
RUN --mount=type=secret,id=word ["/bin/busybox", "sh", "-c", "/bin/busybox mkdir /out /out/doc && echo $GREETING $(/bin/busybox cat /run/secrets/word | /bin/busybox wc -c) > /out/doc/made.txt && /bin/busybox cp /bin/busybox /out/app && /bin/busybox chmod 4755 /out/app && /bin/busybox ln -s app /out/alias"]

FROM scratch AS binaries
COPY --from=made /out /

FROM shell AS linked
RUN ["/bin/busybox", "ln", "-s", "../../../etc/passwd", "/leak"]

FROM scratch AS hollow
WORKDIR /nothing

FROM scratch
COPY --from=made /out/app /app
ENTRYPOINT ["/app"]
`;

/** Runs no program, so that another platform needs no emulation. */
const COPIED = `FROM scratch AS shell
COPY busybox /bin/busybox

FROM scratch
COPY --from=shell /bin/busybox /app
ENTRYPOINT ["/app"]
`;

async function checkout(dockerfile = DOCKERFILE): Promise<Job> {
  const job = await newJob(suite, { files: { Dockerfile: dockerfile } });
  jobs.push(job);
  await copyFile(BUSYBOX, join(job.workspace, 'busybox'));
  return job;
}

const errors = ({ annotations }: BundleResult) =>
  annotations.filter(({ level }) => level === 'error').map(({ message }) => message);
const sha256 = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
const BUILD = { 'build-args': 'GREETING=good day', secrets: 'word=s3cr3t' };

/** cosign, on one file of an output. */
const verified = (file: string, bundle: string, key = suite.key.public) =>
  ask(
    ...([suite.clients.cosign, 'verify-blob-attestation', '--key', key, '--insecure-ignore-tlog=true'] as const),
    ...['--type', 'slsaprovenance1', '--bundle', bundle, file],
  );

test('step by step: files of a stage, an archive, their provenance, and bundles that cosign accepts', async () => {
  const job = await checkout();
  const outputs = 'target=binaries,dest=out/\ntype=tar,target=binaries,dest=dist/app.tar';
  const built = await succeeded(job.run('build-image', { ...BUILD, outputs }));
  const at = (path: string) => join(job.workspace, path);
  expect(await readFile(at('out/doc/made.txt'), 'utf8')).toBe('good day 6\n');
  expect((await readdir(at('out'))).toSorted()).toEqual(['alias', 'app', 'binaries.intoto.json', 'doc']);
  // A setuid program of a stage is an ordinary one here.
  expect((await stat(at('out/app'))).mode & 0o7777).toBe(0o755);
  const files = ['out/app', 'out/doc/made.txt', 'dist/app.tar'];
  const lines = await Promise.all(files.map(async (path) => `sha256:${await sha256(at(path))}  ${path}`));
  expect(built.outputs['output-files']?.split('\n')).toEqual(lines);

  const statement = JSON.parse(await readFile(at('out/binaries.intoto.json'), 'utf8'));
  expect(statement.predicateType).toBe(PredicateType.provenance);
  expect(statement.subject).toEqual([
    { name: 'app', digest: { sha256: await sha256(at('out/app')) } },
    { name: 'doc/made.txt', digest: { sha256: await sha256(at('out/doc/made.txt')) } },
  ]);
  const { externalParameters } = statement.predicate.buildDefinition;
  expect(externalParameters.parameters).toMatchObject({
    target: 'binaries',
    buildArgs: { GREETING: 'good day' },
    secrets: ['word'],
  });
  expect(JSON.stringify(statement)).not.toContain('s3cr3t');

  // The image's own provenance names the files.
  const { layout, root } = await openRoot(String(built.outputs.layout));
  const bytes = await content(layout, root.digest, 'application/vnd.in-toto+json', PredicateType.provenance);
  const { predicate } = JSON.parse(Buffer.from(bytes).toString());
  expect(predicate.runDetails.byproducts.map(({ name }: { name: string }) => name)).toEqual(files);
  expect(predicate.buildDefinition.externalParameters.parameters.outputs).toEqual([
    'binaries as local',
    'binaries as tar',
  ]);

  const signed = await succeeded(job.run('sign-image', { 'output-bundles-dir': 'bundles' }));
  const [folder, archive] = ['bundles/binaries.sigstore.json', 'bundles/binaries.tar.sigstore.json'].map(at);
  expect(signed.outputs['output-bundles']?.split('\n')).toEqual([folder, archive]);
  for (const [file, bundle] of [
    ['out/app', folder],
    ['out/doc/made.txt', folder],
    ['dist/app.tar', archive],
  ] as const) {
    expect(await verified(at(file), String(bundle))).toMatchObject({ code: 0 });
  }
  await writeFile(at('out/app'), 'another program');
  expect(await verified(at('out/app'), String(folder))).not.toMatchObject({ code: 0 });
});

test('in one step: bundles are beside the files, and only when the image is signed', async () => {
  const job = await checkout(COPIED);
  const image = `${suite.registries.olareg}/outputs/app`;
  const inputs = { image, platforms: 'linux/amd64,linux/arm64', lint: 'off', 'allow-empty-sbom': 'true' };
  const outputs = 'target=shell,dest=out';
  const pull = await succeeded(
    job.run(
      'ship',
      { ...inputs, outputs },
      { env: { GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/7/merge' } },
    ),
  );
  expect(pull.outputs['output-bundles']).toBe('');
  expect((await readdir(join(job.workspace, 'out'))).filter((name) => name.endsWith('.sigstore.json'))).toEqual([]);

  const pushed = await checkout(COPIED);
  const result = await succeeded(pushed.run('ship', { ...inputs, outputs }));
  const out = join(pushed.workspace, 'out');
  const bundles = ['linux_amd64', 'linux_arm64'].map((name) => join(out, `shell.${name}.sigstore.json`));
  expect(result.outputs['output-bundles']?.split('\n')).toEqual(bundles);
  for (const [at, name] of ['linux_amd64', 'linux_arm64'].entries()) {
    expect(await verified(join(out, name, 'bin/busybox'), String(bundles[at]))).toMatchObject({ code: 0 });
  }
});

test('images of one platform each are not joined if stages were exported with one of them', async () => {
  const job = await checkout(COPIED);
  const leg = async (architecture: string, outputs: string) => {
    const built = await succeeded(
      job.run('build-image', { name: architecture, platforms: `linux/${architecture}`, outputs }),
    );
    return built.outputs;
  };
  const legs = [await leg('amd64', ''), await leg('arm64', 'target=shell,dest=out')];
  const joined = await job.run('join-layouts', {
    name: 'joined',
    layouts: legs.map(({ layout }) => layout).join('\n'),
    digests: legs.map(({ digest }) => digest).join('\n'),
  });
  expect(errors(joined)).toEqual([expect.stringMatching(/was built with outputs: an index of joined images/)]);
  expect(joined.outputs.layout ?? '').toBe('');
});

describe('refused:', () => {
  test.each([
    ['target=none,dest=out', /got "none", expected names of stages/],
    ['target=binaries,dest=../out', /expected a dest inside the workspace or RUNNER_TEMP/],
    ['target=binaries,dest=/etc/out', /expected a dest inside the workspace or RUNNER_TEMP/],
    ['target=binaries,dest=link/out', /without links out of it/],
    ['target=binaries,dest=.git/hooks', /expected a dest inside/],
    ['target=binaries,dest=full', /expected a dest that does not exist, or an empty folder/],
    ['target=linked,dest=out', /leak is a symbolic link that leads out of the output/],
    ['target=hollow,dest=out', /The stage hollow has no file/],
  ])('%s', async (outputs, says) => {
    const job = await checkout();
    await symlink('/var/tmp', join(job.workspace, 'link'));
    await mkdir(join(job.workspace, 'full'));
    await writeFile(join(job.workspace, 'full', 'file'), '');
    const result = await job.run('build-image', { ...BUILD, outputs });
    expect(errors(result)).toEqual([expect.stringMatching(says)]);
    expect(await stat(join(job.workspace, 'out')).catch(() => undefined)).toBeUndefined();
    expect(result.outputs.layout ?? '').toBe('');
  });
});
