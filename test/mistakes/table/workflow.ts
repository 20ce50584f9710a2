/** The workflow file: inputs that are missing, misspelt, or of another form. */
import type { Mistake } from '../mistake.ts';

export const WORKFLOW: readonly Mistake[] = [
  {
    name: 'gave no image',
    action: 'ship',
    inputs: { image: '' },
    sees: {
      error: 'input-missing',
      says: /^Input image: got "", expected a value\. — Set image in the with: block of this step\./,
    },
  },
  {
    name: 'put the tag into the image',
    action: 'ship',
    inputs: { image: 'ghcr.io/acme/app:1.2.3' },
    sees: {
      error: 'image-name-invalid',
      says: /^Input image: got "ghcr\.io\/acme\/app:1\.2\.3", expected a repository without a tag.* — Move the tag to the input tags\.$/,
    },
  },
  {
    name: 'put a URL where the image is expected',
    action: 'ship',
    inputs: { image: 'https://ghcr.io/acme/app' },
    sees: {
      error: 'image-name-invalid',
      says: /^Input image: got "https:\/\/ghcr\.io\/acme\/app", expected registry\/repository.* — Write for example ghcr\.io\/acme\/app\./,
    },
  },
  {
    name: 'left the image an empty expression',
    action: 'ship',
    inputs: { image: 'ghcr.io/' },
    sees: {
      error: 'image-name-invalid',
      says: /^Input image: got "ghcr\.io\/", expected registry\/repository.* — Write for example ghcr\.io\/acme\/app\./,
    },
  },
  {
    name: 'misspelt a tag rule',
    action: 'plan',
    inputs: { image: 'ghcr.io/acme/app', tags: 'semvr' },
    sees: {
      error: 'tag-rule-invalid',
      says: /^Input tags: got "semvr", expected a rule .* — For the rule write semver; for the tag of that name raw=semvr\.$/,
    },
  },
  {
    name: 'misspelt fail-on',
    action: 'ship',
    inputs: { 'fail-on': 'hihg' },
    sees: {
      error: 'input-value-not-allowed',
      says: /^Input fail-on: got "hihg", expected critical, high, .* — Choose critical, high,/,
    },
  },
  {
    name: 'misspelt the preset',
    action: 'ship',
    inputs: { preset: 'recomended' },
    sees: {
      error: 'input-value-not-allowed',
      says: /^Input preset: got "recomended", expected .* — Choose strict, recommended, no-worse or observe\.$/,
    },
  },
  {
    name: 'wrote yes for a boolean',
    action: 'ship',
    inputs: { 'no-cache': 'yes' },
    sees: {
      error: 'input-format-wrong',
      says: /^Input no-cache: got "yes", expected true or false\. — Write true or false/,
    },
  },
  {
    name: 'misspelt a platform',
    action: 'ship',
    inputs: { platforms: 'linux/amd46' },
    sees: {
      error: 'platform-invalid',
      says: /^Input platforms: got "linux\/amd46", expected .* — Write for example linux\/amd64/,
    },
  },
  {
    name: 'named a platform without its system',
    action: 'ship',
    inputs: { platforms: 'arm64' },
    sees: {
      error: 'platform-invalid',
      says: /^Input platforms: got "arm64", expected os\/architecture.* — Write for example linux\/amd64/,
    },
  },
  {
    name: 'named the wrong Dockerfile',
    action: 'ship',
    inputs: { file: 'docker/Dockerfile' },
    sees: { error: 'dockerfile-missing', says: /docker\/Dockerfile".* — Set its path, relative to the workspace/ },
  },
  {
    name: 'named the wrong context',
    action: 'ship',
    inputs: { context: './ap' },
    sees: {
      error: 'context-missing',
      says: /^Input context: got ".*\/ap", which is not a folder\. — Check out the repository first, or set the path/,
    },
  },
  {
    name: 'named the Dockerfile relative to the context',
    action: 'build-image',
    files: { 'services/api/Containerfile': 'FROM scratch\nCOPY Containerfile /\n' },
    inputs: { context: 'services/web', file: 'services/api/Containerfile' },
    sees: { error: 'context-missing', says: /^Input context: got ".*\/services\/web", which is not a folder\. — / },
  },
  {
    name: 'named a file as the context',
    action: 'build-image',
    inputs: { context: 'Dockerfile' },
    sees: { error: 'context-missing', says: /^Input context: got ".*\/Dockerfile", which is not a folder\. — / },
  },
  {
    name: 'gave a secret without an id',
    action: 'ship',
    inputs: { secrets: 'npm_dG9rZW4tb2YtdGhlLXRlc3Q' },
    sees: {
      error: 'input-secret-unparsable',
      says: /^Input secrets: line 1 is not ID=VALUE .*Its content is not shown\. — .*secret-envs or secret-files\.$/,
    },
  },
  {
    name: 'named a secret that the repository does not have',
    action: 'build-image',
    inputs: { 'secret-envs': 'token=NPM_TOKEN' },
    sees: {
      error: 'input-secret-unparsable',
      says: /^Input secret-envs: secret 1 names an environment variable that is not set\..* — Set it in the env of this step\.$/,
    },
  },
  {
    name: 'named a secret file that does not exist',
    action: 'build-image',
    inputs: { 'secret-files': 'netrc={folder}/.netrc' },
    sees: {
      error: 'input-secret-unparsable',
      says: /^Input secret-files: secret 1 names a file that does not exist\..* — Write its path, relative to the workspace\.$/,
    },
  },
  {
    name: 'gave a build argument without a value',
    action: 'ship',
    inputs: { 'build-args': 'VERSION' },
    sees: {
      error: 'input-format-wrong',
      says: /^Input build-args: got "VERSION", expected KEY=VALUE, one per line\. — Write a name and = before each value/,
    },
  },
  {
    name: 'wrote labels as YAML',
    action: 'ship',
    inputs: { labels: 'org.opencontainers.image.title: App' },
    sees: {
      error: 'input-format-wrong',
      says: /^Input labels: got "org\.opencontainers\.image\.title: App", expected KEY=VALUE, one per line\. — /,
    },
  },
  {
    name: 'wrote a date where seconds are expected',
    action: 'build-image',
    inputs: { 'source-date-epoch': '2026-11-01' },
    sees: {
      error: 'input-format-wrong',
      says: /^Input source-date-epoch: got "2026-11-01", expected seconds since 1970, or none\. — Leave it out/,
    },
  },
  {
    name: 'misspelt a source rule',
    action: 'lint-source',
    inputs: { levels: 'root-usr=off' },
    sees: {
      error: 'input-value-not-allowed',
      says: /^Input levels: got "root-usr", expected a rule of docs\/rules.* — The rules are .*root-user/,
    },
  },
  {
    name: 'used no checkout',
    action: 'ship',
    unchecked: true,
    sees: {
      error: 'commit-missing',
      says: /^The commit \w{40} \(GITHUB_SHA\) cannot be read: it is in no checkout.* — Run actions\/checkout in this job/,
    },
  },
  {
    name: 'gave a user name without a password',
    action: 'ship',
    inputs: { 'registry-username': 'octocat' },
    sees: {
      error: 'input-conflict',
      says: /^Input registry-password: got "", expected a value, because registry-username is set\. — Set both, or neither\.$/,
    },
  },
  {
    name: 'wrote a login as a URL',
    action: 'ship',
    inputs: { 'registry-auths': 'https://ghcr.io,octocat' },
    sees: {
      error: 'input-secret-unparsable',
      says: /^Input registry-auths: line 1 has 2 fields instead of 3 \(HOST,USER,PASSWORD\)\. Its content is not shown\. — /,
    },
  },
];
