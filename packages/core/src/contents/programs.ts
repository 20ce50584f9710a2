import { withoutEnd } from '../text/text.ts';
import { folderOf, nameOf } from './layer-path.ts';

const SHELLS = new Set(
  'sh bash dash ash zsh ksh ksh93 mksh lksh fish csh tcsh rbash pwsh busybox toybox nu xonsh'.split(' '),
);
/** Package managers of distributions and languages. */
const MANAGERS = new Set(
  [
    'apt apt-get aptitude dpkg apk yum dnf dnf5 microdnf tdnf rpm zypper pacman emerge opkg ipkg xbps-install nix nix-env',
    'pip pip3 pipx uv poetry npm npx yarn pnpm corepack gem bundle composer cargo conda mamba brew snap flatpak',
  ]
    .join(' ')
    .split(' '),
);

/** A shell or a package manager, by its name in a program folder, without a version suffix (`pip3.11`). */
export function programOf(
  path: string,
): { readonly kind: 'shell' | 'package-manager'; readonly what: string } | undefined {
  const folder = nameOf(folderOf(path));
  if (folder !== 'bin' && folder !== 'sbin' && folder !== 'busybox') return undefined;
  const name = nameOf(path);
  const bare = withoutVersion(name);
  for (const [kind, names] of [
    ['shell', SHELLS],
    ['package-manager', MANAGERS],
  ] as const) {
    if (names.has(name) || names.has(bare)) return { kind, what: names.has(name) ? name : bare };
  }
  return undefined;
}

/** `python3.13` → `python`, `tool-1.2` → `tool`. By index, because a name may be a megabyte of digits and dots. */
function withoutVersion(name: string): string {
  let at = withoutEnd(name, '0123456789.').length;
  while (name[at] === '.') at += 1;
  if (at === name.length) return name;
  return name.slice(0, name[at - 1] === '-' || name[at - 1] === '.' ? at - 1 : at);
}
