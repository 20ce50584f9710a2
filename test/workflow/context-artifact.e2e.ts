/** A job of the caller builds a file; the reusable workflow builds the image from it, by the digest of its upload. */
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseWorkflow, pushOf, repositoryRoot, type StoredArtifact } from '@tidegate/testkit';
import type { Caller } from './caller.ts';
import { BUILD_TIME } from './programs.ts';
import { type Attempt, expectRun, REPOSITORY, type RealRuns, startRealRuns } from './real-runs.ts';

const RUN = 300_000;
let runs: RealRuns;
let upload: string;
let tamper: (artifact: StoredArtifact) => Promise<void> = async () => {};

beforeAll(async () => {
  runs = await startRealRuns({ onFinal: (artifact) => tamper(artifact) });
  const source = await readFile(join(repositoryRoot, '.github/workflows/commit-to-registry.yml'), 'utf8');
  const steps = Object.values(parseWorkflow(source).jobs).flatMap((job) => job.steps ?? []);
  upload = steps.map(({ uses }) => uses ?? '').find((uses) => uses.startsWith('actions/upload-artifact@')) ?? '';
}, BUILD_TIME);
afterAll(async () => runs[Symbol.asyncDispose]());

const DOCKERFILE =
  'FROM scratch\nCOPY app-linux-amd64 /app\nCOPY --from=artifact greeting.txt /\nENTRYPOINT ["/app"]\nUSER 1000\n';
const own = (output: string) => `\${{ needs.jar.outputs.${output} }}`;
const given = { 'context-artifact-id': own('id'), 'context-artifact-digest': own('digest') };

/** @param digest the output of the job that uploads */
const jar = (digest = `\${{ steps.up.outputs.artifact-digest }}`) => ({
  jar: {
    'runs-on': 'ubuntu-latest',
    outputs: { id: `\${{ steps.up.outputs.artifact-id }}`, digest },
    steps: [
      { run: 'mkdir out && echo hello > out/greeting.txt' },
      { id: 'up', uses: upload, with: { name: 'greeting', path: 'out' } },
    ],
  },
});
const callerWith = (name: string, digest?: string) =>
  runs.caller(name, { files: { Dockerfile: DOCKERFILE }, with: given, needs: 'jar', jobs: () => jar(digest) });
const onMain = (caller: Caller) => pushOf('refs/heads/main', { repository: REPOSITORY, sha: caller.sha });
const why = (result: Attempt) => result.step('build', 'build').log;

interface Provenance {
  readonly buildDefinition: {
    readonly externalParameters: { readonly parameters: { readonly contexts: unknown } };
    readonly resolvedDependencies: readonly { readonly name?: string }[];
  };
}

interface Listed {
  readonly digest: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Of the signed bundle in the registry. */
async function provenanceOf(digest: string): Promise<Provenance> {
  const at = `${runs.registry.url}/v2/${REPOSITORY}`;
  const json = async <T>(url: string) => (await (await fetch(url)).json()) as T;
  const { manifests } = await json<{ manifests: readonly Listed[] }>(`${at}/referrers/${digest}`);
  for (const { digest: referrer, annotations = {} } of manifests) {
    if (annotations['dev.sigstore.bundle.predicateType'] !== 'https://slsa.dev/provenance/v1') continue;
    const { layers } = await json<{ layers: readonly Listed[] }>(`${at}/manifests/${referrer}`);
    const { dsseEnvelope } = await json<{ dsseEnvelope: { payload: string } }>(`${at}/blobs/${layers[0]?.digest}`);
    return JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString('utf8')).predicate;
  }
  throw new Error(`no provenance of ${digest}`);
}

test(
  'the image has the file, and its signed provenance the digest of the upload',
  async () => {
    const caller = await callerWith('jar');
    const result = await runs.run(caller, onMain(caller));
    expectRun(result, 0, ['jar', 'plan', 'build', 'scan', 'publish']);
    const digest = `sha256:${result.step('jar', 'up').outputs['artifact-digest']}`;
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    const { buildDefinition } = await provenanceOf(runs.tags().main ?? '');
    expect(buildDefinition.externalParameters.parameters.contexts).toEqual({ artifact: digest });
    const named = buildDefinition.resolvedDependencies.find(({ name }) => name === 'artifact');
    expect(named).toEqual({ name: 'artifact', digest: { sha256: digest.slice(7) } });
  },
  RUN,
);

test(
  'nothing is built from an artifact that was replaced after its upload',
  async () => {
    const earlier = runs.artifacts.artifacts().find(({ name }) => name.endsWith('-reports'));
    const zip = join(runs.folder, 'other.zip');
    await copyFile(earlier?.file ?? 'no earlier artifact', zip);
    tamper = async ({ name, id }) => {
      if (name === 'greeting') await runs.artifacts.replace(id, zip);
    };
    const before = runs.tags();
    const caller = await callerWith('replaced');
    const result = await runs.run(caller, onMain(caller)).finally(() => {
      tamper = async () => {};
    });
    expectRun(result, 1, ['jar', 'plan', 'build']);
    expect(why(result)).toMatch(/does not match its digest: got sha256:\S+ expected sha256:/);
    expect(runs.tags()).toEqual(before);
  },
  RUN,
);

test(
  'nothing is built from an artifact whose digest the caller does not give',
  async () => {
    const caller = await callerWith('careless', '');
    const result = await runs.run(caller, onMain(caller));
    expectRun(result, 1, ['jar', 'plan', 'build']);
    expect(why(result)).toMatch(/context-artifact-digest: got "", expected 64 hex digits/);
  },
  RUN,
);
