/** POSIX.1-2017, pax, "ustar Interchange Format": all sizes are a multiple of this. Bytes. */
export const BLOCK = 512;

/** The size with its padding. */
export function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

export function isZero(block: Buffer): boolean {
  for (let at = 0; at < BLOCK; at += 8) if (block.readDoubleLE(at) !== 0) return block.every((byte) => byte === 0);
  return true;
}
