import { access } from 'node:fs/promises';
import { badInput, formatExactPlatform, formatPlatform, type Image, parsePlatform } from '@tidegate/core';
import { hostPlatform } from '@tidegate/tools';

/** The processor's name in QEMU's handlers of binfmt_misc, as docker/setup-qemu-action registers them. */
const QEMU: Readonly<Record<string, string>> = {
  '386': 'i386',
  amd64: 'x86_64',
  arm: 'arm',
  arm64: 'aarch64',
  mips64le: 'mips64el',
  ppc64le: 'ppc64le',
  riscv64: 'riscv64',
  s390x: 's390x',
};

/** The platforms of the image whose containers run: the named ones, or those that this machine can run. */
export async function runnablePlatforms(named: readonly string[], image: Image): Promise<ReadonlySet<string>> {
  const platforms = image.platforms.map(({ platform }) => platform);
  if (named.length === 0) {
    const here = hostPlatform(process.platform, process.arch);
    const runnable = await Promise.all(
      platforms.map(
        async ({ os, architecture }) =>
          os === here.os && (architecture === here.architecture || (await isEmulated(architecture))),
      ),
    );
    return new Set(platforms.filter((_, at) => runnable[at]).map(formatExactPlatform));
  }
  const wanted = named.map((text) => {
    const platform = formatPlatform(parsePlatform(text));
    const found = platforms.find((one) => formatPlatform(one) === platform || formatExactPlatform(one) === platform);
    if (found) return formatExactPlatform(found);
    const all = platforms.map(formatExactPlatform).join(', ');
    throw badInput(
      'input-value-not-allowed',
      'platforms',
      text,
      `a platform of the image: ${all}`,
      'Correct the list.',
    );
  });
  return new Set(wanted);
}

async function isEmulated(architecture: string): Promise<boolean> {
  const name = QEMU[architecture];
  if (name === undefined) return false;
  return access(`/proc/sys/fs/binfmt_misc/qemu-${name}`).then(
    () => true,
    () => false,
  );
}
