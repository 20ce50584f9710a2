/** By action: inputs that are wrong, and what is said of them. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ActionName, type Job, newJob } from '../support/job.ts';
import { stagesOf } from '../support/stages.ts';
import { theSuite } from '../support/suite.ts';

export const suite = await theSuite();
export const stages = stagesOf(suite);

interface Bad {
  readonly given: Readonly<Record<string, string>>;
  readonly says: RegExp;
  readonly env?: Readonly<Record<string, string>>;
}

/** An input whose own text is wrong: the message quotes it. */
function quoted(input: string, value: string, expected: string | RegExp): Bad {
  const words = typeof expected === 'string' ? escaped(expected) : expected.source;
  return {
    given: { [input]: value },
    says: new RegExp(`^Input ${input}: got ${escaped(JSON.stringify(value))}, expected .*${words}`, 's'),
  };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

// Things on disk that the tables below name: made before, as a table is read before anything runs.
export const folder = await mkdtemp(join(suite.folder, 'bad-'));
export const here = (name: string) => join(folder, name);
const missing = here('missing');
await mkdir(here('empty'));
await writeFile(here('file'), 'not a folder');
await mkdir(here('half/blobs/sha256'), { recursive: true });
await writeFile(here('half/oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
await mkdir(here('old/blobs/sha256'), { recursive: true });
await writeFile(here('old/oci-layout'), '{"imageLayoutVersion":"0.1.0"}');
await writeFile(here('old/index.json'), '{"schemaVersion":2,"manifests":[]}');
await mkdir(here('hollow/blobs/sha256'), { recursive: true });
await writeFile(here('hollow/oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
await writeFile(here('hollow/index.json'), '{"schemaVersion":2,"manifests":[]}');
await writeFile(here('metadata.yaml'), 'schemaVersion: "2.0.0"\nmetadataTest: { labels: [] }\n');
await writeFile(here('nonsense.Dockerfile'), 'FRM scratch\n');
await writeFile(here('no-such-base.Dockerfile'), 'FROM nothing-of-that-name\nCOPY Dockerfile /\n');

const NO_LAYOUTS: readonly Bad[] = [
  { given: { layout: missing }, says: /is not an image layout: the folder does not exist/ },
  { given: { layout: here('empty') }, says: /is not an image layout: blobs is not a folder/ },
  { given: { layout: here('file') }, says: /is not an image layout/ },
  { given: { layout: here('half') }, says: /is not an image layout: index\.json is missing/ },
  { given: { layout: here('old') }, says: /imageLayoutVersion is not 1\.0\.0/ },
  { given: { layout: here('hollow') }, says: /contains no image/ },
  quoted('name', '../elsewhere', 'lower-case letters'),
  quoted('name', 'unheard-of', 'an image that build-image made earlier in this job'),
];

const TOOLS: readonly Bad[] = [
  { given: { tools: missing }, says: /^Input tools: .*missing is not a folder/ },
  { given: { tools: here('file') }, says: /^Input tools: .*file is not a folder/ },
];

const POLICY: readonly Bad[] = [
  quoted('fail-on', 'severe', 'critical, high, medium, low, negligible or none'),
  quoted('unknown-severity', 'ignore', 'fail or report'),
  quoted('only-fixed', 'perhaps', 'true or false'),
  quoted('max-db-age', 'a week', 'a duration'),
];

const IMAGE: readonly Bad[] = [
  { given: { image: '' }, says: /^Input image: got "", expected a value/ },
  quoted('image', 'not an image', 'registry/repository'),
  quoted('image', 'ghcr.io/acme/app:1.2.3', /tag/),
  quoted('image', 'ghcr.io/acme/app, docker.io/acme/app', 'one repository per line'),
  quoted('image', `ghcr.io/acme/app@sha256:${'a'.repeat(64)}`.slice(0, 60), 'registry/repository'),
  quoted('tags', 'not a tag', /a tag/),
  quoted('tags', 'raw=-dash', /tag/),
  quoted('tags', 'semvr', 'a rule'),
  quoted('tags', 'sha=short', 'sha or sha=full'),
  quoted('latest', 'sometimes', 'auto'),
];

const BUILD: readonly Bad[] = [
  quoted('platforms', 'linux/sparc128', 'os/architecture'),
  quoted('platforms', 'linux', 'os/architecture'),
  { given: { context: missing }, says: /^Input context: got ".*missing", which is not a folder/ },
  { given: { context: here('file') }, says: /^Input context: got ".*file", which is not a folder/ },
  { given: { file: 'Dockerfyle' }, says: /^Input file: there is no Dockerfile at ".*Dockerfyle"/ },
  { given: { file: here('nonsense.Dockerfile') }, says: /FRM/ },
  { given: { target: 'no-such-stage' }, says: /no-such-stage/ },
  quoted('build-args', 'NO_VALUE', 'KEY=VALUE'),
  quoted('labels', 'no value', 'KEY=VALUE'),
  quoted('annotations', '=x', 'KEY=VALUE'),
  quoted('build-contexts', 'base', 'KEY=VALUE'),
  { given: { ssh: `default=${missing}` }, says: /^Input ssh: got ".*missing", .*but it does not exist\./ },
  { given: { secrets: 'NETRC=user ada\nc2VjcmV0LXRva2Vu==' }, says: /^Input secrets: line 2 is not ID=VALUE/ },
  { given: { 'secret-envs': 'bad id=HOME' }, says: /^Input secret-envs: line 1 is not ID=VALUE/ },
  { given: { 'secret-files': 'token' }, says: /^Input secret-files: line 1 is not ID=VALUE/ },
  { given: { 'secret-envs': 'token=NOT_SET' }, says: /^Input secret-envs: secret 1 names an environment variable/ },
  { given: { 'secret-files': `token=${missing}` }, says: /^Input secret-files: secret 1 names a file that does not/ },
  quoted('no-cache', 'yes', 'true or false'),
  quoted('no-cache-filters', 'no-such-stage', 'names of stages'),
  { given: { 'no-cache': 'true', 'no-cache-filters': 'build' }, says: /^Input no-cache-filters: .*no-cache: true/ },
  quoted('allow', 'security.sandbox', 'security.insecure'),
  { given: { allow: 'security.insecure' }, says: /^Input allow: the policy does not grant security\.insecure/ },
  quoted('retries', '9', '0, 1, 2 or 3'),
  quoted('compression', 'xz', 'gzip, zstd or estargz'),
  { given: { compression: 'gzip', 'compression-level': '10' }, says: /^Input compression-level: got "10", .*0 to 9/ },
  { given: { 'compression-level': '3' }, says: /^Input compression: .*because compression-level is set/ },
  { given: { 'force-compression': 'true' }, says: /^Input compression: .*because force-compression is set/ },
  quoted('cache', 'on', 'off, gha or registry'),
  { given: { cache: 'gha', 'cache-from': 'type=gha' }, says: /^Input cache: got "gha", .*because cache-from is set/ },
  { given: { cache: 'gha', 'cache-to': 'type=inline' }, says: /^Input cache: got "gha", .*because cache-to is set/ },
  { given: { 'cache-image': 'ghcr.io/acme/app' }, says: /^Input cache-image: .*because cache is off/ },
  { given: { cache: 'registry' }, says: /^Input cache-image: .*a repository other than that of the image/ },
  quoted('add-hosts', 'db', 'NAME:IP'),
  quoted('add-hosts', 'db:10.0.0.256', 'NAME:IP'),
  quoted('cgroup-parent', '/ci/../..', 'without `..`'),
  quoted('network', 'bridge', 'default, none or host'),
  quoted('source-date-epoch', 'yesterday', 'seconds since 1970'),
  { given: { ulimit: 'lots' }, says: /lots/ },
  { given: { 'shm-size': 'big' }, says: /big/ },
  { given: { 'cache-to': 'type=nowhere' }, says: /nowhere/ },
  { given: { builder: 'nobodys-builder' }, says: /nobodys-builder/ },
  { given: {}, env: { BUILDKIT_HOST: 'next door' }, says: /^BUILDKIT_HOST: "next door"/ },
  {
    given: {},
    env: { BUILDKIT_HOST: 'unix:///nowhere/buildkitd.sock' },
    says: /^BUILDKIT_HOST: no BuildKit responds on unix:/,
  },
  {
    given: {},
    env: { BUILDKIT_HOST: 'tcp://127.0.0.1:1' },
    says: /^BUILDKIT_HOST: no BuildKit responds on tcp:/,
  },
  { given: {}, env: { GITHUB_SHA: '' }, says: /GITHUB_SHA is not set/ },
];

const KEYS: readonly Bad[] = [
  { given: { key: missing }, says: /^Input key: expected PEM text, or the path of a readable file/ },
  { given: { key: here('empty') }, says: /^Input key: expected PEM text, or the path of a readable file/ },
  { given: { key: here('file') }, says: /not a private key in PEM form/ },
  { given: { key: suite.key.public }, says: /A public key was given where a private key is expected/ },
  { given: { key: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----' }, says: /private key is damaged/ },
];

/** Jobs here have no `id-token: write`. */
const NO_IDENTITY = /^Keyless signing needs an identity token.*id-token: write.*sign with a key/;

const SIGNING: readonly Bad[] = [
  quoted('witness', 'notary', 'rekor, timestamp or both'),
  quoted('witness', 'none, rekor', 'rekor, timestamp or both'),
  quoted('on-outage', 'panic', 'wait, fallback or fail'),
  quoted('outage-patience', 'long', 'a duration'),
  { given: { 'signing-config': missing }, says: /^Input signing-config: .*but it does not exist\./ },
  { given: { 'signing-config': here('file') }, says: /^The signing config .*cannot be used/ },
  { given: { 'signing-config': 'http://example.org/config.json' }, says: /^Input signing-config: .*only https/ },
  { given: { 'signing-config': 'github', witness: 'rekor' }, says: /has no service for rekor/ },
  {
    // A missing token would be reported first.
    ...{ given: { key: '', 'trusted-root': missing }, env: { SIGSTORE_ID_TOKEN: 'e30.e30.e30' } },
    says: /^Input trusted-root: .*but it does not exist\./,
  },
  { given: { key: '', 'signing-config': 'github' }, says: /^Input trusted-root: got "", expected the trusted root/ },
  { given: { key: '', 'identity-token': missing }, says: /^Input identity-token: expected a JSON Web Token/ },
  { given: { key: '', 'identity-token': 'e30.e30.e30' }, says: /identity token cannot be used.*not for sigstore/i },
];

const PUBLISHED = `${suite.registries.olareg}/bad-input/app:none`;

/** Cases by action. A job that was signed serves those that read a layout. */
export const TABLE: Readonly<Record<ActionName, readonly Bad[]>> = {
  plan: [...IMAGE, quoted('platforms', 'linux/sparc128', 'os/architecture')],
  'lint-source': [
    quoted('fail-on', 'fatal', 'error, warning, note or none'),
    quoted('levels', 'root-user', 'KEY=VALUE'),
    { given: { levels: 'root-user=fatal' }, says: /^Input levels: got "fatal", expected error, warning, note or off/ },
    { given: { levels: 'no-such-rule=off' }, says: /^Input levels: got "no-such-rule", expected a rule/ },
    { given: { files: 'Dockerfyle' }, says: /^Cannot read the Dockerfile "Dockerfyle": it does not exist/ },
    {
      given: { hadolint: missing },
      says: /^Input hadolint: got ".*missing", expected the path of an executable file/,
    },
    { given: { 'report-dir': here('file') }, says: /^Input report-dir: got ".*file", expected the path of a folder/ },
  ],
  'build-image': [
    { given: { 'context-artifact': missing }, says: /^Input context-artifact-digest: got ""/ },
    { given: { 'context-artifact-digest': '0'.repeat(64) }, says: /^Input context-artifact: got "", expected a file/ },
    ...BUILD,
    ...TOOLS,
    quoted('name', '../elsewhere', 'lower-case letters'),
    { given: { layout: here('half') }, says: /^Input layout: got ".*half", expected a layout that does not exist yet/ },
  ],
  'generate-sbom': [
    ...NO_LAYOUTS,
    ...TOOLS,
    { given: { 'output-dir': here('file') }, says: /^Input output-dir: got ".*file", expected the path of a folder/ },
  ],
  'scan-image': [
    ...NO_LAYOUTS,
    ...TOOLS,
    ...POLICY,
    quoted('db-mirror', 'ftp://example.org/db', 'an HTTP or HTTPS URL'),
    { given: { 'db-mirror': 'http://127.0.0.1:9/' }, says: /vulnerability database could not be updated.*db-mirror/s },
    { given: { 'report-dir': here('file') }, says: /^Input report-dir: got ".*file", expected the path of a folder/ },
    // Of what is published.
    quoted('image', 'not an image', 'registry/repository'),
    { given: { image: PUBLISHED }, says: NO_IDENTITY },
    {
      given: { image: PUBLISHED, 'destination-auths': 'ghcr.io,ada,secret' },
      says: /^Input destination-auths: got "\*\*\*", expected no value, because image is set/,
    },
    ...KEYS.map(({ given, says }) => ({ given: { image: PUBLISHED, ...given }, says })),
    { given: { image: PUBLISHED, key: suite.key.private }, says: /resolve of none: the registry responded with 404/ },
    {
      given: { image: PUBLISHED, attach: 'false', 'verification-key': missing },
      says: /^Input verification-key: got "[^"]+missing", expected PEM text, or the path/,
    },
    { given: { image: PUBLISHED, attach: 'perhaps' }, says: /^Input attach: got "perhaps", expected true or false/ },
  ],
  'read-baseline': [...IMAGE, ...KEYS, quoted('witness', 'notary', 'rekor, timestamp or both')],
  'verify-image': [
    { given: {}, says: /^Input workflow: got "", expected a signer to trust/ },
    ...[
      quoted('image', 'not an image', 'registry/repository'),
      quoted('expected-digest', 'latest', '64 hex digits'),
    ].map(({ given, says }) => ({ given: { 'verification-key': suite.key.public, ...given }, says })),
    {
      given: { 'verification-key': missing },
      says: /^Input verification-key: got "[^"]+missing", expected PEM text, or the path/,
    },
    { given: { workflow: 'release.yml' }, says: /^Input workflow: got "release\.yml"/ },
  ],
  'pin-manifests': [
    { given: {}, says: /^Input files is empty: no manifest is named/ },
    { given: { files: 'none.yaml' }, says: /^Input workflow: got "", expected a signer to trust/ },
    ...[
      quoted('check', 'yes', 'true or false'),
      { given: { files: 'none.yaml', 'image-paths': 'Rollout' }, says: /^Input image-paths: got "Rollout"/ },
      quoted('max-scan-age', 'soon', 'a duration'),
      quoted('deployment', 'production', 'check: true as well'),
      {
        given: { check: 'true', deployment: 'x'.repeat(129) },
        says: /^Input deployment: .* expected at most 128 char/,
      },
      quoted('registry-username', 'octocat', ''),
      { given: { files: 'none.yaml' }, says: /none\.yaml/ },
      { given: { files: '../elsewhere' }, says: /elsewhere/ },
    ].map(({ given, says }) => ({ given: { 'verification-key': suite.key.public, ...given }, says })),
  ],
  'sign-image': [
    quoted('expected-layout-digest', 'latest', 'sha256: and 64 hex digits'),
    ...NO_LAYOUTS,
    ...KEYS,
    { given: { key: '' }, says: NO_IDENTITY },
    ...SIGNING,
    quoted('expected-digest', 'sha256:short', 'sha256: and 64 hex digits'),
    { given: { 'expected-digest': `sha256:${'0'.repeat(64)}` }, says: /expected sha256:0{64}/ },
  ],
  'sign-checked': [
    { given: {}, says: NO_IDENTITY },
    { given: { checked: '' }, says: /^Input checked: got "", expected a value/ },
    { given: { checked: 'a b' }, says: /^Input checked: nothing is signed\. It is not JSON/ },
    { given: { checked: '{"digest":"latest"}' }, says: /^Input checked: .*Its digest is not that of an image/ },
    ...SIGNING.filter(({ given }) => !('witness' in given)).map(({ given: { key: _, ...given }, says }) => ({
      given,
      says,
    })),
  ],
  'push-image': [
    quoted('expected-layout-digest', 'latest', 'sha256: and 64 hex digits'),
    ...NO_LAYOUTS,
    ...POLICY,
    ...IMAGE,
    quoted('require', 'magic', 'provenance, sbom, scan, tests, reproduced, verdict, signature'),
    quoted('max-scan-age', 'soon', 'a duration'),
    quoted('immutable-tags', '1', 'true or false'),
    quoted('keep-scans', 'many', 'a whole number from 0 to 9999'),
    quoted('expected-digest', 'latest', 'sha256: and 64 hex digits'),
    {
      given: { 'verification-key': missing },
      says: /^Input verification-key: got "[^"]+missing", expected PEM text, or the path/,
    },
    { given: { 'verification-key': here('file') }, says: /not a public key/ },
    {
      given: { 'verification-key': suite.key.private },
      says: /A private key was given where a public key is expected/,
    },
    { given: { 'registry-username': 'octocat' }, says: /^Input registry-password: got "", expected a value/ },
    { given: { 'registry-password': 'hunter2hunter2' }, says: /^Input registry-username: got "", expected a value/ },
  ],
  'serve-layout': [
    ...NO_LAYOUTS,
    quoted('image', 'acme//app', 'the name of a repository'),
    quoted('image', 'acme/app:1', 'a name without a tag or digest'),
    quoted('tag', '-x', 'a valid tag'),
    quoted('port', '70000', 'a port from 1 to 65535'),
    quoted('port', '0x50', 'a port from 1 to 65535'),
    quoted('lifetime', 'long', 'a duration'),
    quoted('expected-digest', 'latest', 'sha256: and 64 hex digits'),
    { given: { 'expected-digest': `sha256:${'0'.repeat(64)}` }, says: /expected sha256:0{64}/ },
  ],
  'test-image': [
    { given: { tests: '' }, says: /^Input tests: got "", expected a file of tests/ },
    {
      given: { tests: missing },
      says: /^Input tests: got ".*missing", expected a file of tests, but it does not exist/,
    },
    { given: { tests: here('nonsense.Dockerfile') }, says: /is not a file of image tests/ },
    { given: { command: '-v', 'exit-code': '256' }, says: /^Input exit-code: got "256"/ },
    { given: { 'health-url': 'https://localhost/' }, says: /^Input health-url: got "https:\/\/localhost\/"/ },
    { given: { 'health-url': 'http://169.254.169.254/' }, says: /^Input health-url: .*an http URL of localhost/ },
    quoted('timeout', 'long', 'a duration'),
    { given: { platforms: 'linux/s390x' }, says: /a platform of the image: linux\/amd64/ },
    ...NO_LAYOUTS,
    { given: { 'expected-digest': `sha256:${'0'.repeat(64)}` }, says: /expected sha256:0{64}/ },
  ],
  'join-layouts': [
    quoted('layouts', '', 'a value'),
    quoted('digests', '', 'a value'),
    { given: { layouts: `${missing},${missing}` }, says: /^Input digests: got "1", expected 2 entries/ },
    { given: { layouts: missing }, says: /is not an image layout: the folder does not exist/ },
    { given: { digests: 'sha256:short' }, says: /^Input (digests|expected-digest): got "sha256:short"/ },
    { given: { digests: `sha256:${'0'.repeat(64)}` }, says: /expected sha256:0{64}/ },
    { given: { platforms: 'linux/arm64' }, says: /an image for linux\/arm64, but it is for linux\/amd64/ },
    { given: { platforms: 'linux/sparc128' }, says: /^Input platforms: got "linux\/sparc128"/ },
    quoted('annotations', 'none', 'KEY=VALUE'),
    quoted('name', '../elsewhere', 'lower-case letters'),
    quoted('expected-digest', `sha256:${'0'.repeat(64)}`, 'no value, because evidence is not set'),
    { given: { evidence: missing }, says: /^Input digests: got "1 entry", expected no value, because evidence is set/ },
    { given: { evidence: missing, digests: '', name: '' }, says: /is not an image layout: the folder does not exist/ },
  ],
  ship: [
    ...IMAGE,
    ...BUILD,
    ...POLICY,
    ...TOOLS,
    ...KEYS,
    { given: { key: '' }, says: NO_IDENTITY },
    ...SIGNING,
    quoted('max-scan-age', 'soon', 'a duration'),
    quoted('require', 'magic', 'provenance, sbom, scan, tests, reproduced, verdict, signature'),
    quoted('db-mirror', 'ftp://example.org/db', 'an HTTP or HTTPS URL'),
    quoted('name', '../elsewhere', 'lower-case letters'),
    ...['output-dir', 'report-dir', 'db-cache'].map((input) => quoted(input, here('file'), 'the path of a folder')),
  ],
};

/** Inputs with which the step would succeed, if the one input were right. */
export async function jobFor(action: ActionName): Promise<{ job: Job; inputs: Record<string, string> }> {
  const image = `${suite.registries.olareg}/bad-input/${action}`;
  switch (action) {
    case 'plan':
    case 'ship':
      return { job: await newJob(suite), inputs: { image } };
    case 'read-baseline':
      return { job: await newJob(suite), inputs: { image, key: suite.key.private } };
    case 'build-image':
      return { job: await newJob(suite), inputs: {} };
    case 'sign-checked':
      return { job: await newJob(suite), inputs: { checked: JSON.stringify({ digest: `sha256:${'0'.repeat(64)}` }) } };
    case 'join-layouts': {
      const { job, layout, digest } = await stages('built');
      return { job, inputs: { layouts: layout, digests: digest, name: 'joined' } };
    }
    default: {
      const { job } = await stages(action === 'generate-sbom' ? 'built' : 'signed');
      if (action === 'test-image') return { job, inputs: { tests: here('metadata.yaml') } };
      return { job, inputs: action === 'push-image' ? { image, 'verification-key': suite.key.public } : {} };
    }
  }
}
