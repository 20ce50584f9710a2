import { digestOf, hexOf } from '../image/digest.ts';

/** distribution-spec, "Pulling manifests": a tag has at most 128 characters. */
const LONGEST = 128;
/** Number of hex digits. An attacker needs about 2^48 attempts for a second name with the same digits. */
const FINGERPRINT = 12;

/**
 * A branch's or git tag's name as a registry tag. A name that is a valid tag stays unchanged; every other name ends in
 * twelve digits of its hash: `feat/x` → `feat-x-79b4cc554b80`. So two names never share a tag, whichever exist: not
 * `feat/x` and `feat-x`, not two names without ASCII letters, and not a name that imitates a hash at its end.
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
