/** The event, the token, and the machine. */
import type { Mistake } from '../mistake.ts';

const TOKEN = 'dG9rZW4tb2YtdGhlLXRlc3Q';
const PULL_REQUEST = { GITHUB_REF: 'refs/pull/7/merge', GITHUB_REF_NAME: '7/merge' };

export const RUNNER: readonly Mistake[] = [
  {
    name: 'expects a pull request of a fork to publish',
    action: 'plan',
    inputs: { image: 'ghcr.io/acme/app' },
    eventName: 'pull_request',
    event: {
      pull_request: { number: 7, head: { repo: { full_name: 'stranger/app' } } },
      repository: { full_name: 'acme/app', default_branch: 'main' },
    },
    env: PULL_REQUEST,
    sees: { says: /^Not published: a pull request from a fork\./, level: 'notice' },
  },
  {
    name: 'expects a branch to publish that is not the default one',
    action: 'plan',
    inputs: { image: 'ghcr.io/acme/app' },
    env: { GITHUB_REF: 'refs/heads/feature', GITHUB_REF_NAME: 'feature' },
    sees: { says: /^Not published: branch feature is not a publishing branch \(main\)\.$/, level: 'notice' },
  },
  {
    name: 'pushed a git tag that is no version',
    action: 'plan',
    tag: 'release-7',
    inputs: { image: 'ghcr.io/acme/app', tags: 'semver' },
    sees: {
      says: /^Not published: no tag rule matches git tag release-7\. .*git tag release-7 is not a version\.$/,
      level: 'warning',
    },
  },
  {
    name: 'wants a comment without pull-requests: write',
    action: 'scan-image',
    after: 'cataloged',
    inputs: { comment: 'true', token: TOKEN },
    eventName: 'pull_request',
    event: {
      pull_request: { number: 7, head: { repo: { full_name: 'acme/app' } } },
      repository: { full_name: 'acme/app', default_branch: 'main' },
    },
    env: { ...PULL_REQUEST, GITHUB_API_URL: '{github}' },
    sees: { says: /^The pull request was not commented on: .*pull-requests: write/, level: 'warning' },
  },
  {
    name: 'wants code scanning without security-events: write',
    action: 'scan-image',
    after: 'cataloged',
    inputs: { 'upload-sarif': 'true', token: TOKEN },
    env: { GITHUB_API_URL: '{github}' },
    sees: { says: /^The findings were not uploaded to code scanning: .*security-events: write/, level: 'warning' },
  },
  {
    name: 'wants a dependency snapshot without contents: write',
    action: 'generate-sbom',
    after: 'built',
    inputs: { 'dependency-snapshot': 'true', token: TOKEN },
    env: { GITHUB_API_URL: '{github}' },
    sees: { says: /^The dependency snapshot was not submitted: .*contents: write/, level: 'warning' },
  },
  {
    name: 'wants release assets where there is no release',
    action: 'generate-sbom',
    after: 'built',
    tag: 'v1.2.3',
    inputs: { 'release-assets': 'true', token: TOKEN },
    env: { GITHUB_API_URL: '{github}' },
    sees: { says: /^The SBOMs were not attached to the release v1\.2\.3: /, level: 'warning' },
  },
  {
    name: 'names a folder of tools that does not exist',
    action: 'ship',
    inputs: { tools: '{folder}/tools' },
    sees: {
      error: 'tools-folder-unusable',
      says: /^Input tools: .*\/tools is not a folder: it does not exist\. — Set a folder that contains the programs/,
    },
  },
  {
    name: 'names a folder of tools inside the checkout',
    action: 'build-image',
    files: { 'tools/buildx': '#!/bin/sh\n' },
    inputs: { tools: 'tools' },
    sees: {
      error: 'input-path-unusable',
      says: /^Input tools: got "tools", expected an absolute path outside of the workspace\. — Keep your own programs on the runner/,
    },
  },
  {
    name: 'names a mirror for tools that does not have them',
    action: 'generate-sbom',
    after: 'built',
    inputs: { tools: '', 'tools-mirror': 'http://{registry}' },
    sees: {
      error: 'tool-download-missing',
      says: /^http:\/\/127\.0\.0\.1:\d+\/anchore\/syft\/.*\.tar\.gz does not exist\. — Check that the mirror is complete/,
    },
  },
  {
    name: 'names a BuildKit that does not run',
    action: 'build-image',
    env: { BUILDKIT_HOST: 'tcp://127.0.0.1:9' },
    sees: {
      error: 'buildkit-unreachable',
      says: /^BUILDKIT_HOST: no BuildKit responds on tcp:\/\/127\.0\.0\.1:9: .* — Start it, or unset BUILDKIT_HOST/,
    },
  },
  {
    name: 'misspelt the builder',
    action: 'build-image',
    inputs: { builder: 'my-bulider' },
    sees: { error: 'build-failed', says: /my-bulider/ },
  },
  {
    name: 'runs on a runner whose disk is full',
    action: 'build-image',
    env: { RUNNER_TEMP: '{full}' },
    sees: {
      error: 'build-disk',
      says: /the disk of the builder is full at .*\/full\/.* — Free disk space before this step/,
    },
  },
  {
    name: 'runs on a runner whose temporary folder cannot be written',
    action: 'build-image',
    env: { RUNNER_TEMP: '/proc/tidegate' },
    sees: {
      error: 'file-access',
      says: /^RUNNER_TEMP is \/proc\/tidegate, and nothing can be created in \/proc .* — Make that folder writable/,
    },
  },
  {
    name: 'names a cache in a service that the runner does not have',
    action: 'build-image',
    inputs: { 'cache-to': 'type=gah' },
    sees: {
      error: 'cache-entry-invalid',
      says: /^Input cache-to: got "type=gah", expected one of the types registry, .* — Correct the type\.$/,
    },
  },
  {
    name: 'cancels the run',
    action: 'build-image',
    inputs: { target: 'endless', 'no-cache': 'true' },
    cancelAt: /waiting/,
    sees: {
      error: 'cancelled',
      says: /^Cancelled by SIGINT before it was done\. — Run the job again to finish; published data is not sent again\.$/,
    },
  },
  {
    name: 'sets a limit that BuildKit does not know',
    action: 'build-image',
    inputs: { ulimit: 'files=1024' },
    sees: { error: 'build-failed', says: /invalid ulimit type: files/ },
  },
];
