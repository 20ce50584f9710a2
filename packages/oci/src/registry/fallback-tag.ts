import {
  type Descriptor,
  type Digest,
  deferred,
  digestOf,
  hasKind,
  hexOf,
  MediaType,
  parseIndexFile,
  TidegateError,
} from '@tidegate/core';
import { pause, RetryBudget } from '../http/retry.ts';
import type { CallOptions, Listed } from '../store.ts';
import { unlessCancelled } from '../verified.ts';
import type { RegistryCapabilities } from './capabilities.ts';
import type { RegistryClient } from './client.ts';
import { type Condition, type Manifests, unchangedSince } from './manifests.ts';

/** Accepted writes that then disappear without another writer: after this many, the registry is losing writes. */
const MAX_LOST_WRITES = 6;
/** Assumed upper bound for another writer's time between read and write, as a multiple of our own. */
const SETTLE_FACTOR = 3;
/** A repeated write means that there are other writers: the settle time grows up to this factor. */
const MAX_SETTLE_ROUNDS = 4;
/**
 * No registry issues this ETag. If the write is rejected, the registry honors conditions; if it is accepted, it does
 * not, and the write is done.
 */
const UNMATCHABLE_ETAG: Condition = { 'if-match': '"tidegate-asks-whether-conditions-are-heeded"' };

export function fallbackTag(subject: Digest): string {
  return `sha256-${hexOf(subject)}`;
}

interface Listing {
  readonly entries: readonly Descriptor[];
  readonly etag: string | undefined;
  /** The exact text, to detect other writes. */
  readonly text: string;
}

/** Entries to add to a listing, and to remove from it. */
interface Changes {
  readonly additions: ReadonlyMap<Digest, Descriptor>;
  readonly removals: ReadonlySet<Digest>;
}
const NO_REMOVALS: Changes['removals'] = new Set();

interface Batch {
  readonly additions: Map<Digest, Descriptor>;
  /** Called after it was written and read back once. */
  readonly onWritten: (() => void)[];
  readonly done: Promise<void>;
}

/**
 * The index of one subject's referrers under the tag `sha256-<hex>` (distribution-spec, "Referrers Tag Schema"), which
 * every client rewrites as a whole. Pending changes of this process are batched into one write. Conflicts with other
 * processes are prevented by If-Match where the registry honors it; otherwise they are detected by reading back,
 * waiting as long as a writer that read before our write may need, and reading again.
 */
export class FallbackTag {
  readonly #subject: Digest;
  readonly #client: RegistryClient;
  readonly #manifests: Manifests;
  readonly #capabilities: RegistryCapabilities;
  #writing: Promise<void> = Promise.resolve();
  #waiting: Batch | undefined;
  /**
   * Entries that were written and settled. A slow writer may still overwrite them: each later write restores them too.
   */
  readonly #own = new Map<Digest, Descriptor>();
  /** Our longest read and write here, as an estimate for other writers. Milliseconds. */
  #slowestRound = 0;
  /** Number of announced manifests that have not arrived, and callbacks waiting for them. */
  #expected = 0;
  #onArrival: (() => void)[] = [];

  constructor(subject: Digest, client: RegistryClient, manifests: Manifests, capabilities: RegistryCapabilities) {
    this.#subject = subject;
    this.#client = client;
    this.#manifests = manifests;
    this.#capabilities = capabilities;
  }

  async entries(options: CallOptions): Promise<readonly Descriptor[]> {
    return (await this.#read(options))?.entries ?? [];
  }

  /** Announce a referrer: the next write waits for it. @returns a function to call when it was added, or will not be */
  expect(): () => void {
    this.#expected += 1;
    return () => {
      this.#expected -= 1;
      if (this.#expected === 0) for (const go of this.#onArrival.splice(0)) go();
    };
  }

  add(entry: Descriptor, options: CallOptions): Listed {
    const { promise: written, resolve, reject } = deferred<void>();
    const stays = this.#join(entry, resolve, options);
    stays.then(resolve, reject);
    // A caller that awaits only `stays` sees the failure there.
    written.catch(() => {});
    return { written, stays };
  }

  /**
   * Remove entries, after the writes that are pending. Like an addition it is written on the condition that the list has
   * not changed since it was read, where the registry honors that, and else read again after a while.
   */
  async remove(digests: readonly Digest[], options: CallOptions): Promise<void> {
    const removals = new Set(digests);
    const done = this.#writing
      .catch(() => undefined)
      .then(async () => {
        for (const digest of removals) this.#own.delete(digest);
        await this.#write({ additions: this.#own, removals }, () => {}, options);
      });
    this.#writing = done;
    await unlessCancelled(done, options.signal, 'waiting for a list of referrers');
  }

  async #join(entry: Descriptor, onWritten: () => void, options: CallOptions): Promise<void> {
    const batch = this.#waiting ?? this.#open(options);
    batch.additions.set(entry.digest, entry);
    batch.onWritten.push(onWritten);
    try {
      await unlessCancelled(batch.done, options.signal, 'waiting for a list of referrers');
    } catch (error) {
      // The write used the signal of the first caller: its cancellation is not ours.
      if (!hasKind(error, 'cancelled') || options.signal?.aborted) throw error;
      await this.#join(entry, onWritten, options);
    }
  }

  #open(options: CallOptions): Batch {
    const additions = new Map<Digest, Descriptor>();
    const onWritten: (() => void)[] = [];
    const written = () => {
      for (const call of onWritten) call();
    };
    // A failure of the previous batch is handled by its own callers.
    const done = this.#writing
      .catch(() => undefined)
      .then(() => this.#allArrived())
      .then(() => {
        this.#waiting = undefined;
        return this.#update(additions, written, options);
      });
    this.#writing = done;
    this.#waiting = { additions, onWritten, done };
    return this.#waiting;
  }

  async #allArrived(): Promise<void> {
    if (this.#expected > 0) await new Promise<void>((resolve) => this.#onArrival.push(resolve));
  }

  async #update(additions: Changes['additions'], written: () => void, options: CallOptions): Promise<void> {
    const changes = { additions: new Map([...this.#own, ...additions]), removals: NO_REMOVALS };
    await this.#write(changes, written, options);
    for (const [digest, entry] of additions) this.#own.set(digest, entry);
  }

  async #write(changes: Changes, written: () => void, options: CallOptions): Promise<void> {
    const { retry } = this.#client.parts;
    const budget = new RetryBudget(retry, options.signal);
    const started = retry.timing.now();
    let before: Listing | undefined;
    for (let lost = 0, tries = 1; ; tries += 1) {
      const began = retry.timing.now();
      const now = await this.#read(options);
      if (holds(now, changes)) return;
      // Another writer made progress: that is no failure, however often it happens.
      lost = now?.text === before?.text ? lost + 1 : 1;
      before = now;
      if (lost > MAX_LOST_WRITES || retry.timing.now() - started > retry.policy.deadline) throw this.#contended();
      try {
        if (await this.#put(changed(now?.entries ?? [], changes), now, lost, options)) {
          budget.progress();
          this.#slowestRound = Math.max(this.#slowestRound, retry.timing.now() - began);
          if (await this.#stays(changes, tries, written, options)) return;
        }
      } catch (error) {
        // The response was lost: read the current state first instead of writing again.
        await budget.after(error);
        continue;
      }
      await pause(retry, retry.policy.base * retry.timing.random() * Math.min(lost, 5), options.signal);
    }
  }

  /** @returns false when another client wrote first */
  async #put(
    entries: readonly Descriptor[],
    seen: Listing | undefined,
    lost: number,
    options: CallOptions,
  ): Promise<boolean> {
    const capabilities = this.#capabilities;
    const known = capabilities.honorsConditions;
    // With a proxy that changes ETags, every conditional write would fail.
    if (known && lost > MAX_LOST_WRITES / 2) capabilities.honorsConditions = false;
    const condition =
      known === undefined ? UNMATCHABLE_ETAG : capabilities.honorsConditions ? unchangedSince(seen) : undefined;
    const index = { schemaVersion: 2, mediaType: MediaType.index, manifests: entries };
    const bytes = Buffer.from(JSON.stringify(index));
    try {
      const written = await this.#manifests.putTag(
        fallbackTag(this.#subject),
        MediaType.index,
        bytes,
        condition,
        options,
      );
      if (known === undefined) capabilities.honorsConditions = !written;
      return written;
    } catch (error) {
      // Some servers reject headers that they do not support.
      if (known === undefined && hasKind(error, 'registry')) {
        capabilities.honorsConditions = false;
        return false;
      }
      throw hasKind(error, 'conflict', 'registry', 'unauthorized') ? this.#refused(error) : error;
    }
  }

  /** @param tries number of writes so far */
  async #stays(changes: Changes, tries: number, written: () => void, options: CallOptions): Promise<boolean> {
    const { retry } = this.#client.parts;
    if (this.#capabilities.honorsConditions) return true;
    const settle =
      Math.max(this.#slowestRound * SETTLE_FACTOR, retry.policy.base / 2) * Math.min(tries, MAX_SETTLE_ROUNDS);
    if (!(await this.#isThere(changes, options))) return false;
    written();
    await pause(retry, settle, options.signal);
    return this.#isThere(changes, options);
  }

  async #isThere(changes: Changes, options: CallOptions): Promise<boolean> {
    return holds(await this.#read(options), changes);
  }

  async #read(options: CallOptions): Promise<Listing | undefined> {
    const tag = fallbackTag(this.#subject);
    const found = await this.#manifests.readTag(tag, options);
    if (!found) return undefined;
    // GitLab resolves a tag `sha256-<hex>` that nobody wrote to the manifest with that digest: the subject itself,
    // which is not a list of its referrers, even if it is an index.
    const unwritten = digestOf(found.bytes) === this.#subject;
    const entries = unwritten ? [] : parseIndexFile(found.bytes, `${this.#client.name}:${tag}`).manifests;
    return { entries, etag: found.etag, text: found.bytes.toString('latin1') };
  }

  #refused(error: TidegateError): TidegateError {
    const tag = fallbackTag(this.#subject);
    return new TidegateError(
      error.id,
      `${this.#client.name} has no referrers API, and rejected a change of the tag ${tag}, which lists the evidence instead. ${error.message}`,
      { next: 'Exclude tags that match sha256-* from rules that make tags immutable, and allow pushes.', cause: error },
    );
  }

  #contended(): TidegateError {
    const tag = fallbackTag(this.#subject);
    return new TidegateError('referrers-contended', `${this.#client.name}: writes to the tag ${tag} are lost.`, {
      next: 'Run again when no other job attaches evidence to this image. If it still fails, the registry loses writes.',
    });
  }
}

function holds(listing: Listing | undefined, { additions, removals }: Changes): boolean {
  const { entries } = listing ?? { entries: [] };
  if (entries.some(({ digest }) => removals.has(digest))) return false;
  return [...additions.values()].every((wanted) => entries.some((there) => same(there, wanted)));
}

function same(there: Descriptor, wanted: Descriptor): boolean {
  return (
    there.digest === wanted.digest && there.artifactType === wanted.artifactType && there.annotations !== undefined
  );
}

function changed(entries: readonly Descriptor[], { additions, removals }: Changes): readonly Descriptor[] {
  const others = entries.filter(({ digest }) => !additions.has(digest) && !removals.has(digest));
  return [...others, ...additions.values()];
}
