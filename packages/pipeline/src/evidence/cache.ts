import type { Trust } from '@tidegate/attest';
import type { CauseMap, Digest, Evidence } from '@tidegate/core';

/** A statement that this process wrote into the layout. */
interface OwnStatement {
  readonly predicateType: string;
  /** The bytes in the layout; undefined if keeping them would use too much memory. */
  readonly bytes: Uint8Array | undefined;
}

/** In bytes: maximum size of statements kept in memory until they are signed. SBOMs of a dozen platforms fit. */
const MOST_HELD = 64 * 1024 * 1024;

/**
 * Evidence of a target that this process has read, verified and written, so that megabytes are parsed only once. Every
 * entry is keyed by digest: bytes that change on disk have another digest, and are rejected when they are read or sent.
 */
export class EvidenceCache {
  /** Keyed by subject and content; for a bundle also by the trust that it was verified with. */
  readonly #evidence = new Map<string, readonly Evidence[]>();
  readonly #own = new Map<string, OwnStatement>();
  readonly #unread = new Set<Digest>();
  readonly #packageLayers = new Map<Digest, CauseMap['packages']>();

  /** Evidence that was read from `content` about `subject`; undefined if it has not been read yet. */
  stated(subject: Digest, content: Digest): readonly Evidence[] | undefined {
    return this.#evidence.get(statedKey(subject, content));
  }

  addStated(subject: Digest, content: Digest, evidence: readonly Evidence[]): void {
    this.#evidence.set(statedKey(subject, content), evidence);
  }

  /** Evidence that the bundle `content` contains, verified with exactly this trust. */
  verified(subject: Digest, content: Digest, trust: Trust): readonly Evidence[] | undefined {
    return this.#evidence.get(bundleKey(subject, content, trust));
  }

  addVerified(subject: Digest, content: Digest, trust: Trust, evidence: readonly Evidence[]): void {
    this.#evidence.set(bundleKey(subject, content, trust), evidence);
  }

  /** Baselines that a rescan compares with. They are published elsewhere and have no content in this layout. */
  addCompared(evidence: readonly Evidence[]): void {
    this.#evidence.set('compared', evidence);
  }

  /** All evidence known so far, for reports. It may repeat what a statement and its bundle both state. */
  all(): readonly Evidence[] {
    return [...this.#evidence.values()].flat();
  }

  /** A statement that this process wrote: it is signed without reading it back. */
  ownStatement(subject: Digest, content: Digest): OwnStatement | undefined {
    return this.#own.get(statedKey(subject, content));
  }

  addOwnStatement(subject: Digest, content: Digest, predicateType: string, bytes: Uint8Array): void {
    const held = [...this.#own.values()].reduce((sum, one) => sum + (one.bytes?.byteLength ?? 0), 0);
    const kept = held + bytes.byteLength > MOST_HELD ? undefined : bytes;
    this.#own.set(statedKey(subject, content), { predicateType, bytes: kept });
  }

  /**
   * A bundle that this process made. Its bytes have not been read back, which is required before it counts as
   * published.
   */
  markUnread(content: Digest): void {
    this.#unread.add(content);
  }

  isUnread(content: Digest): boolean {
    return this.#unread.has(content);
  }

  /** The layer that added each package of a platform, read together with its catalog. */
  packageLayers(platform: Digest): CauseMap['packages'] | undefined {
    return this.#packageLayers.get(platform);
  }

  addPackageLayers(platform: Digest, layers: CauseMap['packages']): void {
    this.#packageLayers.set(platform, layers);
  }
}

function statedKey(subject: Digest, content: Digest): string {
  return `${subject} ${content}`;
}

/** The result for a bundle depends on the keys, roots and identities that it is verified with. */
function bundleKey(subject: Digest, content: Digest, trust: Trust): string {
  const { publicKeys, roots = [], identities = [], ...demands } = trust;
  const keys = publicKeys.map((key) => key.identity);
  return [subject, content, ...keys, roots.length, JSON.stringify([identities, demands])].join(' ');
}
