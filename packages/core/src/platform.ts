import { badInput } from './error.ts';

/** OCI image-spec, image-index.md: the `platform` object. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

const PART = /^[a-z0-9][a-z0-9_.-]*$/;
const SYSTEMS = new Set(['linux', 'windows', 'darwin', 'freebsd', 'wasip1', 'js']);
const ARCHITECTURES = new Set([
  '386',
  'amd64',
  'arm',
  'arm64',
  'loong64',
  'mips64',
  'mips64le',
  'ppc64le',
  'riscv64',
  's390x',
  'wasm',
]);

/** `linux/amd64`, `linux/arm/v7`, normalised as containerd does (arm64/v8 is arm64, arm is arm/v7). */
export function parsePlatform(text: string, input = 'platforms'): Platform {
  const parts = text.trim().toLowerCase().split('/');
  const [os, arch, variant] = parts;
  const known = parts.length >= 2 && parts.length <= 3 && parts.every((part) => PART.test(part));
  if (!known || !os || !arch || !SYSTEMS.has(os) || !ARCHITECTURES.has(arch)) {
    throw badInput(
      input,
      text,
      'os/architecture or os/architecture/variant',
      'Write for example linux/amd64, linux/arm64 or linux/arm/v7.',
    );
  }
  return normalise({ os, architecture: arch, ...(variant ? { variant } : {}) });
}

function normalise(platform: Platform): Platform {
  const { os, architecture, variant } = platform;
  if (architecture === 'arm64' && variant === 'v8') return { os, architecture };
  if (architecture === 'amd64' && variant === 'v1') return { os, architecture };
  if (architecture === 'arm' && variant === undefined) return { os, architecture, variant: 'v7' };
  return platform;
}

export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/');
}
