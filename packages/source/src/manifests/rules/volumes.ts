import { clipped } from '@tidegate/core';
import type { Remark } from '../../finding.ts';
import { baseReference } from '../../rules/image.ts';
import { volumesOfImage } from '../../rules/official-volumes.ts';
import type { ManifestContainer, Mount } from '../container.ts';
import type { ManifestRule } from './rule.ts';

/** A socket of the container engine controls the machine, whatever the mount's options are. */
const SOCKET = /\/(?:docker|containerd|crio|podman)\.sock$/;

/** Folders of the machine. */
export const hostPath: ManifestRule = ({ format, mounts, shown }) =>
  mounts.flatMap((mount): Remark[] => {
    const { isWritable, line, path, shown: source, storage } = mount;
    if (storage !== 'host') return [];
    const message = `${shown} mounts ${source} at ${clipped(path)}.`;
    const isSocket = SOCKET.test(path) || SOCKET.test(source.replace(/ of the (?:node|machine)$/, ''));
    if (format === 'kubernetes' || isSocket) return [{ rule: 'manifest-host-path', line, message }];
    // A read-only file beside a Compose file is its configuration.
    return isWritable ? [{ rule: 'manifest-host-path', line, message, atMost: 'note' }] : [];
  });

/** Folders that the image declares as VOLUME, and that end with the container. */
export const stateLost: ManifestRule = (container, { volumes }) => {
  const { image, isPatch, mounts, shown } = container;
  const official = image ? volumesOfImage(baseReference(image.text).name) : [];
  const lost = mounts.filter(({ storage }) => storage === 'lost');
  const remarks = [...new Set([...official, ...volumes])].flatMap((volume): Remark[] => {
    if (isKept(volume, mounts)) return [];
    return lost
      .filter(({ path }) => overlap(path, volume))
      .map(({ line, path, shown: source }) => {
        const who = official.includes(volume) ? 'its image' : 'a Dockerfile of this repository';
        const message = `${shown} mounts ${source} at ${clipped(path)}, which ${who} declares as VOLUME.`;
        return { rule: 'manifest-state-lost', line, message };
      });
  });
  return remarks.length > 0 || isPatch ? remarks : nothingMounted(container, official);
};

/** The state may be meant to be lost, as that of a cache: a note at most. */
function nothingMounted(
  { image, isInit, line, mounts, shown }: ManifestContainer,
  official: readonly string[],
): Remark[] {
  if (isInit) return [];
  const bare = official.filter((volume) => !mounts.some(({ path }) => overlap(path, volume)));
  return bare.map((volume) => ({
    rule: 'manifest-state-lost',
    line: image?.line ?? line,
    message: `${shown} mounts nothing at ${volume}, where its image keeps state.`,
    atMost: 'note',
  }));
}

const isKept = (volume: string, mounts: readonly Mount[]) =>
  mounts.some(({ path, storage }) => storage !== 'lost' && overlap(path, volume));

/** One of them is the other, or contains it. */
function overlap(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => `${path.replace(/\/$/, '')}/`) as [string, string];
  return a !== '/' && (a.startsWith(b) || b.startsWith(a));
}
