import { digestOf, hexOf } from '../image/digest.ts';

/** distribution-spec, "Pulling manifests": a tag has at most 128 characters. */
const LONGEST = 128;
/** Number of hex digits. An attacker needs about 2^48 attempts for a second name with the same digits. */
const FINGERPRINT = 12;

/**
 * A branch's or git tag's name as a registry's tag. A name that is a tag already stays as it is; every other one ends in
 * twelve digits of its hash: `feat/x` → `feat-x-79b4cc554b80`. So no two names ever share a tag, whichever exist: not
 * `feat/x` and `feat-x`, not two of one script without ASCII letters, and not a name that was made to end like a hash.
 */
export function tagOfName(name: string): string {
  const stem = name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+/, '');
  if (stem === name && name.length <= LONGEST && !FINGERPRINTED.test(name)) return name;
  const fingerprint = hexOf(digestOf(name)).slice(0, FINGERPRINT);
  return `${trimmed(stem) || 'ref'}-${fingerprint}`;
}

const FINGERPRINTED = new RegExp(`-[0-9a-f]{${FINGERPRINT}}$`);

function trimmed(stem: string): string {
  let end = Math.min(stem.length, LONGEST - FINGERPRINT - 1);
  while (end > 0 && stem[end - 1] === '-') end -= 1;
  return stem.slice(0, end);
}
