/** Steps in the wrong order, of another job, or for another image. */
import type { Mistake } from '../mistake.ts';

export const ORDER: readonly Mistake[] = [
  {
    name: 'lists packages before there is an image',
    action: 'generate-sbom',
    sees: {
      error: 'input-path-unusable',
      says: /^Input layout: got "", expected an image that build-image made earlier in this job\. — Run build-image before this step/,
    },
  },
  {
    name: 'scans before there is an SBOM',
    action: 'scan-image',
    after: 'built',
    sees: {
      error: 'sbom-missing',
      says: /contains 0 syft-json SBOMs of sha256:\w{64}, expected one\. — Run generate-sbom on this layout before scan-image\.$/,
    },
  },
  {
    name: 'signs before there is an image',
    action: 'sign-image',
    sees: {
      error: 'input-path-unusable',
      says: /^Input layout: got "", expected an image that build-image made earlier in this job\. — Run build-image before this step/,
    },
  },
  {
    name: 'pushes before the scan',
    action: 'push-image',
    after: 'cataloged',
    sees: {
      error: 'gate-failed',
      says: /^The gate failed\. scan-present: linux\/amd64: there is no scan\. verdict-present: /,
    },
  },
  {
    name: 'pushes before the signature',
    action: 'push-image',
    after: 'scanned',
    sees: { error: 'gate-failed', says: /^The gate failed\. signature-present: linux\/amd64: there is no signature\./ },
  },
  {
    name: 'pushes in another job than it built in',
    action: 'push-image',
    sees: {
      error: 'input-path-unusable',
      says: /^Input layout: got "", expected an image that build-image made earlier in this job\. — /,
    },
  },
  {
    name: 'builds two images under one name',
    action: 'build-image',
    after: 'signed',
    sees: {
      error: 'input-path-unusable',
      says: /^Input name: got "", expected a layout that does not exist yet\. — .* contains a layout\. Set another name for this image, or remove the layout\.$/,
    },
  },
  {
    name: 'signs another image than the one that was built',
    action: 'sign-image',
    after: 'scanned',
    inputs: { 'expected-digest': `sha256:${'4'.repeat(64)}` },
    sees: {
      error: 'layout-of-other-image',
      says: /contains sha256:\w{64}, expected sha256:4{64}\. — Find the job that changed the layout/,
    },
  },
  {
    name: 'names the folder of a layout that another run left',
    action: 'generate-sbom',
    inputs: { layout: '{folder}/old-run' },
    kept: { 'old-run/oci-layout': '{"imageLayoutVersion":"1.0.0"}' },
    sees: {
      error: 'layout-missing',
      says: /\/old-run is not an image layout: blobs is not a folder\. — Use the folder that build-image wrote/,
    },
  },
  {
    name: 'joins builds and names fewer digests than layouts',
    action: 'join-layouts',
    inputs: { layouts: '{folder}/amd64,{folder}/arm64', digests: `sha256:${'4'.repeat(64)}` },
    sees: {
      error: 'input-value-not-allowed',
      says: /^Input digests: got "1", expected 2 entries, one per layout\. — List them in the order of the layouts\.$/,
    },
  },
  {
    name: 'judges with another policy at the push than at the scan',
    action: 'push-image',
    after: 'signed',
    inputs: { preset: 'strict', 'verification-key': '{public-key}' },
    files: { '.github/tidegate.yml': 'version: 1\nimage:\n  max-size: 1k\n' },
    sees: { error: 'gate-failed', says: /^The gate failed\. .*/ },
  },
  {
    name: 'verifies with no signer to trust',
    action: 'verify-image',
    inputs: { image: '{registry}/acme/app' },
    sees: {
      error: 'signer-missing',
      says: /^Input workflow: got "", expected a signer to trust\. — Set workflow, certificate-identity or verification-key\.$/,
    },
  },
];
