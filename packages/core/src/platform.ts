import { badInput } from './error.ts';

/** OCI image-spec, image-index.md: the `platform` object. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  /** Windows images run on the build of Windows they were made for: `10.0.20348.2700`. */
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
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

/** What `uname -m` and Debian call them; containerd reads these names too (platforms/database.go). */
const ALIASES: ReadonlyMap<string, readonly [architecture: string, variant?: string]> = new Map([
  ['x86_64', ['amd64']],
  ['x86-64', ['amd64']],
  ['i386', ['386']],
  ['aarch64', ['arm64']],
  ['armhf', ['arm', 'v7']],
  ['armel', ['arm', 'v6']],
]);

/** Variants that exist: a misspelt one would build, and never be picked by any runtime. */
const VARIANTS: ReadonlyMap<string, RegExp> = new Map([
  ['arm', /^v[5-8]$/],
  ['arm64', /^v[89](\.[0-9])?$/],
  ['amd64', /^v[1-4]$/],
  ['riscv64', /^rva[0-9]{2}[usm]64$/],
  ['ppc64le', /^power[0-9]{1,2}$/],
]);

/** `linux/amd64`, `linux/arm/v7`, normalised as containerd does (arm64/v8 is arm64, arm is arm/v7). */
export function parsePlatform(text: string, input = 'platforms'): Platform {
  const parts = text.trim().toLowerCase().split('/');
  const [os, name = ''] = parts;
  const [arch, implied] = ALIASES.get(name) ?? [name];
  const variant = parts[2] ?? implied;
  const shaped = parts.length === 2 || parts.length === 3;
  const varies = variant === undefined || VARIANTS.get(arch)?.test(variant);
  if (!shaped || !os || !SYSTEMS.has(os) || !ARCHITECTURES.has(arch) || !varies) {
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

/** Without `os.version`: what a build is asked for, and what people read. */
export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/');
}

/** As containerd writes it, `windows(10.0.20348.2700)/amd64`: what tells the images of one index apart. */
export function formatExactPlatform(platform: Platform): string {
  const version = platform['os.version'];
  const name = formatPlatform(platform);
  return version === undefined ? name : name.replace('/', `(${version})/`);
}
