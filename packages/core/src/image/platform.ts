import { badInput } from '../error.ts';

/** OCI image-spec, image-index.md: the `platform` object. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
  /** Windows images run on the build of Windows they were made for: `10.0.20348.2700`. */
  readonly 'os.version'?: string | undefined;
  readonly 'os.features'?: readonly string[] | undefined;
}

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

/** Known variants: a misspelt one would build, but no runtime would select it. */
const VARIANTS: ReadonlyMap<string, RegExp> = new Map([
  ['arm', /^v[5-8]$/],
  ['arm64', /^v[89](\.[0-9])?$/],
  ['amd64', /^v[1-4]$/],
  ['riscv64', /^rva[0-9]{2}[usm]64$/],
  ['ppc64le', /^power[0-9]{1,2}$/],
]);

/** `linux/amd64`, `linux/arm/v7`, normalised as containerd does: arm64/v8 is arm64, arm and arm/7 are arm/v7. */
export function parsePlatform(text: string, input = 'platforms'): Platform {
  const parts = text.trim().toLowerCase().split('/');
  const [system = '', name = ''] = parts;
  const os = system === 'macos' ? 'darwin' : system;
  const [architecture, variant] = normalArchitecture(name, parts[2] ?? '');
  const shaped = parts.length === 2 || (parts.length === 3 && parts[2] !== '');
  const varies = variant === '' || VARIANTS.get(architecture)?.test(variant);
  if (!shaped || !SYSTEMS.has(os) || !ARCHITECTURES.has(architecture) || !varies) {
    throw badInput(
      'platform-invalid',
      input,
      text,
      'os/architecture or os/architecture/variant',
      'Write for example linux/amd64, linux/arm64 or linux/arm/v7.',
    );
  }
  return { os, architecture, variant: variant || undefined };
}

/**
 * containerd/platforms, `database.go`, normalizeArch: names of `uname -m` and Debian, and common spellings of variants.
 * i386, armhf and armel imply the variant: containerd ignores a variant beside them.
 */
function normalArchitecture(name: string, variant: string): readonly [architecture: string, variant: string] {
  switch (name) {
    case 'i386':
      return ['386', ''];
    case 'x86_64':
    case 'x86-64':
    case 'amd64':
      return ['amd64', variant === 'v1' ? '' : variant];
    case 'aarch64':
    case 'arm64':
      if (['8', 'v8', 'v8.0'].includes(variant)) return ['arm64', ''];
      return ['arm64', ['9', '9.0', 'v9.0'].includes(variant) ? 'v9' : variant];
    case 'armhf':
      return ['arm', 'v7'];
    case 'armel':
      return ['arm', 'v6'];
    case 'arm':
      return ['arm', variant === '' ? 'v7' : variant.replace(/^[5-8]$/, 'v$&')];
    default:
      return [name, variant];
  }
}

/** Without `os.version`: as in inputs and texts. */
export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/');
}

/** As in containerd, `windows(10.0.20348.2700)/amd64`: unique among the images of one index. */
export function formatExactPlatform(platform: Platform): string {
  const version = platform['os.version'];
  const name = formatPlatform(platform);
  return version === undefined ? name : name.replace('/', `(${version})/`);
}
