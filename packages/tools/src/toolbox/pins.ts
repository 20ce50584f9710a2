import { NETWORK_PLUGINS, releasedPlugin } from '../step-network/plugins.ts';
import type { ToolName } from './tool.ts';

/** Format of a published file: the program itself, or a gzipped tar with these members. */
type Packing =
  | { readonly kind: 'program' }
  | { readonly kind: 'tar.gz'; readonly members: readonly [program: string, ...others: string[]] };

export interface Pin {
  readonly version: string;
  /** OWNER/REPO on the host that serves releases. */
  readonly repository: string;
  /** By `os/architecture`: the file's name in the release, and the sha256 of that file as published. */
  readonly files: Readonly<Record<string, { readonly file: string; readonly sha256: string }>>;
  readonly packing: Packing;
}

/** Base URL for the path of `releasePath` if no mirror is configured. */
export const RELEASES = 'https://github.com';

/** The path of a published file, relative to RELEASES or to a mirror. */
export function releasePath(pin: Pin, file: string): string {
  return `${pin.repository}/releases/download/v${pin.version}/${file}`;
}

/**
 * All downloaded programs, pinned by checksums of the bytes that their projects published. To update a pin: take the
 * new checksums from the project's signed checksum file, and use the same version in packages/tools/go.
 */
export const PINS: Readonly<Record<ToolName, Pin>> = {
  buildkitd: {
    version: '0.31.2',
    repository: 'moby/buildkit',
    // Includes the runtime, so that a machine without runc can build, and the plugins that give RUN steps a separate
    // network.
    packing: {
      kind: 'tar.gz',
      members: ['bin/buildkitd', 'bin/buildkit-runc', ...NETWORK_PLUGINS.map((name) => `bin/${releasedPlugin(name)}`)],
    },
    files: {
      'linux/amd64': {
        file: 'buildkit-v0.31.2.linux-amd64.tar.gz',
        sha256: 'fbabdb72433a35f5bb646e4cd424bf8567e5d055710cf55840f7af2020640791',
      },
      'linux/arm64': {
        file: 'buildkit-v0.31.2.linux-arm64.tar.gz',
        sha256: '41fba1eed480376934fa4c8177ddd7021036b5168a0eb8e7ab5eccdf75d47a05',
      },
    },
  },
  buildx: {
    version: '0.36.1',
    repository: 'docker/buildx',
    packing: { kind: 'program' },
    files: {
      'linux/amd64': {
        file: 'buildx-v0.36.1.linux-amd64',
        sha256: '48af8a397ebd60178778bf63611dbcebe5f5e7a9be90eb9147b24b9587455778',
      },
      'linux/arm64': {
        file: 'buildx-v0.36.1.linux-arm64',
        sha256: '5d0cafd9d16afe1a0f0d9529885344ace2cc99efdd531b6c783c5455a6001569',
      },
      'darwin/amd64': {
        file: 'buildx-v0.36.1.darwin-amd64',
        sha256: '52a39ee4012d18f83373656712102ebda55656121dcdabbbb1ccfbd41b7debe8',
      },
      'darwin/arm64': {
        file: 'buildx-v0.36.1.darwin-arm64',
        sha256: '214cdc36788602862dbc82b523d58648b4585c7b0ff95218b0817c44db5573d7',
      },
    },
  },
  syft: {
    version: '1.52.0',
    repository: 'anchore/syft',
    packing: { kind: 'tar.gz', members: ['syft'] },
    files: {
      'linux/amd64': {
        file: 'syft_1.52.0_linux_amd64.tar.gz',
        sha256: 'caeedb81fb0491615f1ebd1761e4145d41ee86dd2cc7bf80669f9f5ad9d6133d',
      },
      'linux/arm64': {
        file: 'syft_1.52.0_linux_arm64.tar.gz',
        sha256: 'c46d5e4c28e12aa4c5becfaa343ef1c7f89045b6b895f2c21d471c62db09c706',
      },
      'darwin/amd64': {
        file: 'syft_1.52.0_darwin_amd64.tar.gz',
        sha256: '56975f5d7ffa9846a1eaf64330647841b878097bc7e3730cb9325f93add96917',
      },
      'darwin/arm64': {
        file: 'syft_1.52.0_darwin_arm64.tar.gz',
        sha256: '014d561b6d13059124155f74a6c5a9a99501f5e209313638dd884f39eb418ee6',
      },
    },
  },
  grype: {
    version: '0.119.0',
    repository: 'anchore/grype',
    packing: { kind: 'tar.gz', members: ['grype'] },
    files: {
      'linux/amd64': {
        file: 'grype_0.119.0_linux_amd64.tar.gz',
        sha256: '3fa2dc4b924621ab65404cf08d0b8438d896d80ab949c9d5a4ca283c36004c9b',
      },
      'linux/arm64': {
        file: 'grype_0.119.0_linux_arm64.tar.gz',
        sha256: '29f0ec7c549ddb0e2b6a0ca714851f7399438afc399b80c12808e065edc9a8f8',
      },
      'darwin/amd64': {
        file: 'grype_0.119.0_darwin_amd64.tar.gz',
        sha256: 'ea106d3ab9573d654871ad9e3e89be2237506ff3f8c170e5aeacb59da4def2b8',
      },
      'darwin/arm64': {
        file: 'grype_0.119.0_darwin_arm64.tar.gz',
        sha256: '500c9b2b6c089d21481815f57a553fabbd441ec7d1e79d95e3aaf40c3bfc7e36',
      },
    },
  },
  cosign: {
    version: '3.1.3',
    repository: 'sigstore/cosign',
    packing: { kind: 'program' },
    files: {
      'linux/amd64': {
        file: 'cosign-linux-amd64',
        sha256: '4629c757b7618056f8ddd7e2625ae9fdd94c0372a65049520bc7d9df9efc7f71',
      },
      'linux/arm64': {
        file: 'cosign-linux-arm64',
        sha256: 'c5d324e091826b0d7a78eb16fef316450b4eb9aaec045611c08ba06f5e73220a',
      },
      'darwin/amd64': {
        file: 'cosign-darwin-amd64',
        sha256: '2347488e5d5b25336644024dfeca5601b190e91197a71a917bda44744aff106c',
      },
      'darwin/arm64': {
        file: 'cosign-darwin-arm64',
        sha256: '5cf948c2f4dfe59687bdd0b8523709067383e03982cc543475c8a7dc70e92a76',
      },
    },
  },
};
