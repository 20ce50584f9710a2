import { digestOf, hexOf } from './digest.ts';

/** distribution-spec, "Pulling manifests": a tag has at most 128 characters. */
const LONGEST = 128;
const FINGERPRINT = 8;

/**
 * A branch's or git tag's name as a registry's tag: `feat/x` → `feat-x`. Names that were cut, or that have nothing a
 * tag may hold, end in eight digits of their hash, so that two of them do not share a tag.
 */
export function sanitiseTag(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+/, '');
  const fingerprint = hexOf(digestOf(name)).slice(0, FINGERPRINT);
  if (plain === '') return `ref-${fingerprint}`;
  if (plain.length <= LONGEST) return plain;
  return `${plain.slice(0, LONGEST - FINGERPRINT - 1)}-${fingerprint}`;
}
