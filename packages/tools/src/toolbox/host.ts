import type { Platform } from '@tidegate/core';

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** Convert Node's names of a machine (`process.platform`, `process.arch`) to the names of OCI and of release files. */
export function hostPlatform(os: string, architecture: string): Platform {
  return { os: os === 'win32' ? 'windows' : os, architecture: ARCHITECTURES[architecture] ?? architecture };
}
