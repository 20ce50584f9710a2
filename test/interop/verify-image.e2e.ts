/** verify-image as a workflow uses it, on images that sign-image, cosign and github-builder left in real registries. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeBundle, makeStatement, parsePublicKey } from '@tidegate/attest';
import { digestOf, MediaType, manifestsOf, PredicateType, parseReference } from '@tidegate/core';
import { contentOfBytes, Registry } from '@tidegate/oci';
import { evidenceImage, published } from './support/evidence-image.ts';
import { attach, pushImage, registryAt, signImage, signingWith } from './support/signed-image.ts';
import { ERRORS, REFUSED } from './verify-image/refused.ts';
import {
  action,
  checksOf,
  cosign,
  failing,
  folder,
  IDENTITY,
  images,
  keyed,
  keyless,
  prepare,
  privatePem,
  publicPem,
  REGISTRIES,
  registries,
  running,
  shell,
  sigstore,
  succeeded,
  target,
  verify,
  WORKFLOW,
} from './verify-image/signed-images.ts';

beforeAll(prepare, 1_800_000);

afterAll(() => running.disposeAsync());

describe.each(REGISTRIES)('an image in %s', (name) => {
  test('passes, every check listed, and gives the digest to deploy', async () => {
    const result = await succeeded(
      verify(images[name] ?? '', {
        'source-repository': '',
        'source-ref': 'refs/heads/*',
        builder: IDENTITY,
        'verdict-policy': digestOf('policy'),
        'policy-dir': join(folder, `policies ${name}`),
      }),
    );
    const { outputs, summary } = result;
    expect(outputs).toMatchObject({
      verified: 'true',
      digest: target.image.root.digest,
      reference: `${registries[name].address}/app@${target.image.root.digest}`,
      signers: JSON.stringify([`${IDENTITY} (${sigstore.issuer.url})`]),
    });
    expect(Object.keys(JSON.parse(outputs.platforms ?? '{}'))).toEqual(['linux/amd64', 'linux/arm64']);
    expect(checksOf(result).map((check) => check.name)).toEqual(
      expect.arrayContaining([
        'digest',
        'identity',
        'signature',
        'provenance',
        'provenance-builder',
        'sbom',
        'scan-present',
        'scan-recent',
        'severity-threshold',
        'verdict-present',
      ]),
    );
    expect(checksOf(result)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          name: 'source-repository',
          outcome: 'pass',
          why: 'https://github.com/octo-org/octo-app.',
        }),
        expect.objectContaining({ name: 'source-repository-id', outcome: 'not-applicable' }),
        expect.objectContaining({ name: 'source-ref', outcome: 'pass', why: 'refs/heads/main.' }),
        expect.objectContaining({ name: 'runner-environment', outcome: 'pass', why: 'github-hosted.' }),
      ]),
    );
    for (const check of checksOf(result)) expect(result.log.join('\n')).toContain(check.name);
    for (const part of ['Verified', 'kind: ClusterPolicy', 'kind: ClusterImagePolicy', 'cosign verify ']) {
      expect(summary).toContain(part);
    }
    expect((await readdir(join(folder, `policies ${name}`))).toSorted()).toEqual([
      'cluster-image-policy.yaml',
      'kyverno.yaml',
    ]);
  });

  test('cosign accepts the commands in its summary unchanged, and they check the same requirements', async () => {
    const asked = { 'source-repository': 'octo-org/octo-app', 'source-ref': 'refs/heads/main' };
    const { summary } = await succeeded(
      verify(images[name] ?? '', { workflow: `${WORKFLOW}@refs/heads/main`, ...asked }),
    );
    const lines = summary.split('\n').filter((line) => /^cosign verify/.test(line));
    expect(lines).toHaveLength(2);
    await Promise.all(
      lines.map(async (line) => {
        const [command = ''] = line.split(' | ');
        const [, ...argv] = command.split(' ');
        expect(await cosign(argv)).toMatchObject({ code: 0 });
        for (const value of Object.values(asked)) {
          const other = argv.map((word) => (word === value ? `${value}2` : word));
          expect(other).not.toEqual(argv);
          expect((await cosign(other)).code).not.toBe(0);
        }
      }),
    );
  });

  test('the verdict that cosign accepts must be of yes and for this repository: the summary pipes it on to see', async () => {
    const { summary } = await succeeded(verify(images[name] ?? ''));
    const line = summary.split('\n').find((each) => each.includes('| jq')) ?? '';
    expect((await shell(line)).code).toBe(0);
    const elsewhere = line.replace(`== "${registries[name].address}`, '== "registry.example');
    expect(elsewhere).not.toBe(line);
    expect((await shell(elsewhere)).code).toBe(1);
    expect((await shell(line.replace('cosign verify-attestation', 'cosign verify-nothing'))).code).not.toBe(0);
  });

  test('signed with a key passes', async () => {
    const inputs = { image: images[`keyed ${name}`] ?? '', 'verification-key': publicPem };
    const { outputs } = await succeeded(action('verify-image', inputs));
    expect(outputs).toMatchObject({ verified: 'true', digest: keyed.image.root.digest });
  });

  test('unsigned is refused', async () => {
    const registry = registryAt(registries[name].address, 'unsigned');
    const image = await pushImage(registry, 'unsigned');
    const result = await verify(`${registries[name].address}/unsigned@${image.digest}`);
    expect(result.exitCode).toBe(1);
    expect(failing(result)).toContain('identity');
    expect(result.log.join('\n')).toContain('The image is not signed');
  });

  test('of which one platform is unsigned is refused, and the platform named', async () => {
    const partly = registryAt(registries[name].address, 'partly');
    const { keyless: signer, log, clock } = await signingWith(sigstore);
    const amd64 = await pushImage(partly, `amd64 ${name}`);
    const index = await put(partly, MediaType.index, {
      schemaVersion: 2,
      mediaType: MediaType.index,
      manifests: [{ ...amd64, platform: { os: 'linux', architecture: 'amd64' } }],
    });
    await attach(partly, index, await signImage(index.digest, signer, [log, clock]), PredicateType.signature);
    const result = await verify(`${registries[name].address}/partly@${index.digest}`, { require: 'signature' });
    expect(result.exitCode).toBe(1);
    expect(checksOf(result).find((check) => check.name === 'signature')?.why).toContain('linux/amd64');
    const root = await verify(`${registries[name].address}/partly@${index.digest}`, {
      require: 'signature',
      scope: 'root',
    });
    expect(root.exitCode).toBe(0);
  });

  test('that cosign signed passes if its signature is required', async () => {
    const registry = registryAt(registries[name].address, 'cosigned');
    const image = await pushImage(registry, 'cosigned');
    const reference = `${registries[name].address}/cosigned@${image.digest}`;
    const signed = await cosign([
      ...['sign', '--yes', '--identity-token', sigstore.issuer.token('sigstore')],
      ...['--signing-config', sigstore.signingConfig, '--trusted-root', sigstore.trustedRoot, reference],
    ]);
    expect(signed).toMatchObject({ code: 0 });
    expect((await verify(reference, { require: 'signature', scope: 'root' })).outputs.verified).toBe('true');
    expect(failing(await verify(reference, { scope: 'root' }))).toEqual([
      'provenance',
      'sbom',
      'scan-present',
      'verdict-present',
    ]);
  });

  test('that GitHub attested passes by its provenance, for the required repository only', async () => {
    const registry = registryAt(registries[name].address, 'attested');
    const { mediaType, digest, size } = await pushImage(registry, `attested ${name}`);
    const repository = 'https://github.com/octo-org/octo-app';
    const ref = 'refs/heads/main';
    // As actions/attest-build-provenance writes it: actions.github.io/buildtypes/workflow/v1.
    const provenance = makeStatement(PredicateType.provenance, [{ digest, name: 'ghcr.io/octo-org/octo-app' }], {
      buildDefinition: {
        buildType: 'https://actions.github.io/buildtypes/workflow/v1',
        externalParameters: { workflow: { ref, repository, path: '.github/workflows/release.yml' } },
        internalParameters: { github: { event_name: 'push', repository_id: '1', repository_owner_id: '2' } },
        resolvedDependencies: [{ uri: `git+${repository}@${ref}`, digest: { gitCommit: 'c'.repeat(40) } }],
      },
      runDetails: { builder: { id: IDENTITY }, metadata: { invocationId: `${repository}/actions/runs/1/attempts/1` } },
    });
    const { keyless: signer, log, clock } = await signingWith(sigstore);
    const bundle = await makeBundle(provenance.bytes, signer, [log, clock]);
    await attach(registry, { mediaType, digest, size }, bundle, PredicateType.provenance);
    const reference = `${registries[name].address}/attested@${digest}`;
    const asked = { require: 'provenance', scope: 'root', builder: IDENTITY };
    expect((await verify(reference, { ...asked, 'source-repository': 'octo-org/octo-app' })).outputs.verified).toBe(
      'true',
    );
    expect((await verify(reference, { ...asked, 'source-repository': 'octo-org/other' })).outputs.verified).toBe(
      'false',
    );
    expect(failing(await verify(reference, { scope: 'root' }))).toEqual([
      'signature',
      'sbom',
      'scan-present',
      'verdict-present',
    ]);
  });

  test("that github-builder built passes: it signs BuildKit's attestation manifests, and nothing else", async () => {
    const registry = registryAt(registries[name].address, 'built');
    const amd64 = await pushImage(registry, `built ${name}`);
    const about = (digest: typeof amd64.digest) =>
      makeStatement(PredicateType.provenance, [{ digest }], {
        buildDefinition: {
          buildType: 'https://mobyproject.org/buildkit@v1',
          externalParameters: {},
          resolvedDependencies: [],
        },
        runDetails: { builder: { id: IDENTITY } },
      }).bytes;
    const build = async (statement: Uint8Array) => {
      const layer = {
        ...(await putBytes(registry, MediaType.inToto, statement)),
        annotations: { 'in-toto.io/predicate-type': PredicateType.provenance },
      };
      const config = await put(registry, MediaType.config, { os: 'unknown', architecture: 'unknown' });
      const attestation = await put(registry, MediaType.manifest, {
        schemaVersion: 2,
        mediaType: MediaType.manifest,
        config,
        layers: [layer],
      });
      const index = await put(registry, MediaType.index, {
        schemaVersion: 2,
        mediaType: MediaType.index,
        manifests: [
          { ...amd64, platform: { os: 'linux', architecture: 'amd64' } },
          {
            ...attestation,
            platform: { os: 'unknown', architecture: 'unknown' },
            annotations: {
              'vnd.docker.reference.type': 'attestation-manifest',
              'vnd.docker.reference.digest': amd64.digest,
            },
          },
        ],
      });
      return { attestation, reference: `${registries[name].address}/built@${index.digest}` };
    };
    const asked = { require: 'provenance', scope: 'platforms', builder: IDENTITY };
    const { attestation, reference } = await build(about(amd64.digest));
    expect((await verify(reference, asked)).outputs.verified).toBe('false');
    const { keyless: signer, log, clock } = await signingWith(sigstore);
    const sign = async (of: typeof attestation) =>
      attach(registry, of, await signImage(of.digest, signer, [log, clock]), PredicateType.signature);
    await sign(attestation);
    expect((await verify(reference, asked)).outputs).toMatchObject({ verified: 'true' });
    // The manifest is signed, and speaks of another image than the one it lies beside.
    const swapped = await build(about(digestOf('another')));
    await sign(swapped.attestation);
    const result = await verify(swapped.reference, asked);
    expect(result.outputs.verified).toBe('false');
    expect(failing(result)).toContain('evidence-readable');
  });
});

/** The requests do not depend on the registry, so one registry is enough. */
test.each(REFUSED)('an image is rejected when %s is required', async (_, inputs, names) => {
  const result = await verify(images.olareg ?? '', inputs());
  expect(result.exitCode).toBe(1);
  expect(failing(result)).toEqual(names);
  expect(result.outputs).toMatchObject({ verified: 'false', digest: target.image.root.digest });
  expect(result.summary).toContain('Verification failed: do not deploy');
  expect(result.annotations.filter(({ level }) => level === 'error')).toHaveLength(1);
});

test('an SBOM of more than 16 MB counts: it is signed by its digest, and read where it lies', async () => {
  const long = await evidenceImage(join(folder, 'long'), 'long', { sbomBytes: 17 * 1024 * 1024 });
  const services = { 'signing-config': sigstore.signingConfig, 'trusted-root': sigstore.trustedRoot };
  await succeeded(action('sign-image', { layout: long.layout.name, key: privatePem, ...services }));
  // With a shorter one beside it, the long one would not be read.
  for (const { digest } of manifestsOf(long.image)) {
    for (const one of await long.layout.referrers(digest, MediaType.bundle)) {
      if (one.annotations?.['dev.sigstore.bundle.predicateType'] === PredicateType.cyclonedx) {
        await long.layout.unlist(one);
      }
    }
  }
  const to = async (repository: string) => {
    const image = `${registries.olareg.address}/${repository}`;
    await published(long, new Registry(parseReference(image), {}), { publicKeys: [parsePublicKey(publicPem)] });
    return { image: `${image}@${long.image.root.digest}`, 'verification-key': publicPem, require: 'sbom' };
  };
  expect((await succeeded(action('verify-image', await to('long')))).outputs.verified).toBe('true');
  // The reference alone is no SBOM.
  for (const { digest } of manifestsOf(long.image)) {
    for (const one of await long.layout.referrers(digest, MediaType.inToto)) await long.layout.unlist(one);
  }
  const result = await action('verify-image', await to('lost'));
  expect(result.exitCode).toBe(1);
  expect(failing(result)).toEqual(['sbom', 'evidence-readable']);
}, 240_000);

test('a layout is verified as a registry is, with no registry at hand', async () => {
  const { outputs } = await succeeded(action('verify-image', { layout: target.layout.name, ...keyless() }));
  expect(outputs).toMatchObject({ verified: 'true', digest: target.image.root.digest, reference: '' });
});

test.each(ERRORS)('when %s, one error says so', async (_, inputs, why) => {
  const result = await action('verify-image', inputs());
  expect(result.exitCode).toBe(1);
  const errors = result.annotations.filter(({ level }) => level === 'error');
  expect(errors).toHaveLength(1);
  expect(errors[0]?.message).toContain(why);
});

async function put(registry: Registry, mediaType: string, value: object) {
  return putBytes(registry, mediaType, Buffer.from(JSON.stringify(value)));
}

async function putBytes(registry: Registry, mediaType: string, bytes: Uint8Array) {
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  await registry.push(descriptor, contentOfBytes(bytes));
  return descriptor;
}
