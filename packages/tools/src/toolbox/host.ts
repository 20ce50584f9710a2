import type { Platform } from '@tidegate/core';

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** Node's words for a machine (`process.platform`, `process.arch`) in the words of OCI and of release files. */
export function hostPlatform(os: string, architecture: string): Platform {
  return { os: os === 'win32' ? 'windows' : os, architecture: ARCHITECTURES[architecture] ?? architecture };
}
