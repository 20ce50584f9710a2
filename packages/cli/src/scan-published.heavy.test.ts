import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type RegistryServer, startRegistry } from '@tidegate/testkit';
import { newRepository, type Repository } from './repository.fixture.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';
/** Where no server is: the scan ends before it downloads anything. */
const NO_DATABASE = ['--db-mirror', 'http://127.0.0.1:9'];

let repository: Repository;
let server: RegistryServer;
beforeAll(async () => {
  repository = await newRepository({});
  server = await startRegistry();
  const body = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [] });
  await fetch(`${server.url}/v2/acme/app/manifests/1`, { method: 'PUT', body, headers: { 'content-type': INDEX } });
});
afterAll(async () => {
  await server.close();
  await repository.remove();
});

test('scan --signing none of a published image needs no identity token, and starts no upload', async () => {
  const image = `${server.host}/acme/app:1`;
  const { exitCode, stderr } = await repository.run('scan', '--signing', 'none', image, ...NO_DATABASE);
  expect(stderr).toContain('The result is only reported.');
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('database')]);
  expect(server.requests.map(({ method }) => method)).toContain('HEAD');
  expect(server.requests.map(({ method }) => method)).not.toContain('POST');
});

test('scan of a published image without a signer says how to sign, and how to only report', async () => {
  const { exitCode, stderr } = await repository.run('scan', `${server.host}/acme/app:1`);
  expect(stderr).toContain('Keyless signing needs an identity token, and there is none.');
  expect(stderr).toContain('Set SIGSTORE_ID_TOKEN, or sign with --key-file FILE. To only report, give --no-attach.');
  expect(exitCode).toBe(2);
});

test('uncommitted files do not matter for a published image or a layout', async () => {
  await repository.write('new.txt', 'new');
  const scanned = await repository.run('scan', '--signing', 'none', `${server.host}/acme/app:1`, ...NO_DATABASE);
  const cataloged = await repository.run('sbom', '.');
  for (const { stderr } of [scanned, cataloged]) expect(stderr).not.toContain('new.txt');
});
