import {
  type Descriptor,
  type Digest,
  deferred,
  digestOf,
  hasCode,
  hexOf,
  MediaType,
  parseIndexFile,
  TidegateError,
} from '@tidegate/core';
import { RetryBudget, rest } from '../http/retry.ts';
import type { CallOptions, Listed } from '../store.ts';
import { unlessCancelled } from '../verified.ts';
import type { RegistryCapabilities } from './capabilities.ts';
import type { RegistryClient } from './client.ts';
import { type Condition, type Manifests, unchangedSince } from './manifests.ts';

/** Writes that are taken and then not there, though nobody else wrote: the registry does not keep them. */
const LOST_WRITES = 6;
/** How many times our own time between reading and writing somebody else may have needed for theirs. */
const SETTLE_FACTOR = 3;
/** Who had to write again has company, and waits so many times longer at the most. */
const SETTLE_MOST = 4;
/** No registry gives this one. Refused: conditions are heeded. Taken: they are not, and the write is done. */
const NOBODYS_ETAG: Condition = { 'if-match': '"tidegate-asks-whether-conditions-are-heeded"' };

export function fallbackTag(subject: Digest): string {
  return `sha256-${hexOf(subject)}`;
}

interface Listing {
  readonly entries: readonly Descriptor[];
  readonly etag: string | undefined;
  /** The exact text: whether somebody wrote in between. */
  readonly text: string;
}

/** What a listing is to have besides. */
type Additions = ReadonlyMap<Digest, Descriptor>;

interface Batch {
  readonly additions: Map<Digest, Descriptor>;
  /** Called when it is written and was read back once. */
  readonly onWritten: (() => void)[];
  readonly done: Promise<void>;
}

/**
 * The index of one subject's referrers under the tag `sha256-<hex>` (distribution-spec, "Referrers Tag Schema"), which
 * every client rewrites whole. Changes of this process that wait for each other go in one write. Other processes are met
 * by If-Match where the registry heeds it, else by reading back, waiting as long as a writer may take who read before
 * our write, and reading again.
 */
export class FallbackTag {
  readonly #subject: Digest;
  readonly #client: RegistryClient;
  readonly #manifests: Manifests;
  readonly #knowledge: RegistryCapabilities;
  #writing: Promise<void> = Promise.resolve();
  #waiting: Batch | undefined;
  /** What was written and seen to stay. Somebody slow may still write over it: each later write looks after it too. */
  readonly #own = new Map<Digest, Descriptor>();
  /** The longest that reading and writing took us here: others have no better machine. Milliseconds. */
  #longest = 0;
  /** Manifests on their way to the registry, and who waits for them. */
  #coming = 0;
  #arrived: (() => void)[] = [];

  constructor(subject: Digest, client: RegistryClient, manifests: Manifests, knowledge: RegistryCapabilities) {
    this.#subject = subject;
    this.#client = client;
    this.#manifests = manifests;
    this.#knowledge = knowledge;
  }

  async entries(options: CallOptions): Promise<readonly Descriptor[]> {
    return (await this.#read(options))?.entries ?? [];
  }

  /** A referrer is on its way: what is to be written waits for it. @returns to be called when it is added, or will not be */
  expect(): () => void {
    this.#coming += 1;
    return () => {
      this.#coming -= 1;
      if (this.#coming === 0) for (const go of this.#arrived.splice(0)) go();
    };
  }

  add(entry: Descriptor, options: CallOptions): Listed {
    const { promise: written, resolve, reject } = deferred<void>();
    const stays = this.#join(entry, resolve, options);
    stays.then(resolve, reject);
    // Whoever waits for `stays` alone learns of a failure there.
    written.catch(() => {});
    return { written, stays };
  }

  async #join(entry: Descriptor, onWritten: () => void, options: CallOptions): Promise<void> {
    const batch = this.#waiting ?? this.#open(options);
    batch.additions.set(entry.digest, entry);
    batch.onWritten.push(onWritten);
    try {
      await unlessCancelled(batch.done, options.signal, 'waiting for a list of referrers');
    } catch (error) {
      // It was written under the signal of whoever came first: their end is not ours.
      if (!hasCode(error, 'cancelled') || options.signal?.aborted) throw error;
      await this.#join(entry, onWritten, options);
    }
  }

  #open(options: CallOptions): Batch {
    const additions = new Map<Digest, Descriptor>();
    const onWritten: (() => void)[] = [];
    const written = () => {
      for (const call of onWritten) call();
    };
    // Whether the batch before succeeded is its own callers' business.
    const done = this.#writing
      .catch(() => undefined)
      .then(() => this.#allHere())
      .then(() => {
        this.#waiting = undefined;
        return this.#bring(additions, written, options);
      });
    this.#writing = done;
    this.#waiting = { additions, onWritten, done };
    return this.#waiting;
  }

  async #allHere(): Promise<void> {
    if (this.#coming > 0) await new Promise<void>((resolve) => this.#arrived.push(resolve));
  }

  async #bring(additions: Additions, written: () => void, options: CallOptions): Promise<void> {
    await this.#write(new Map([...this.#own, ...additions]), written, options);
    for (const [digest, entry] of additions) this.#own.set(digest, entry);
  }

  async #write(additions: Additions, written: () => void, options: CallOptions): Promise<void> {
    const { retry } = this.#client.parts;
    const budget = new RetryBudget(retry, options.signal);
    const started = retry.timing.now();
    let before: Listing | undefined;
    for (let lost = 0, tries = 1; ; tries += 1) {
      const began = retry.timing.now();
      const now = await this.#read(options);
      if (now && holds(now, additions)) return;
      // Somebody else got further: that is no fault, however often it happens.
      lost = now?.text === before?.text ? lost + 1 : 1;
      before = now;
      if (lost > LOST_WRITES || retry.timing.now() - started > retry.policy.deadline) throw this.#contended();
      try {
        if (await this.#put(withAdditions(now?.entries ?? [], additions), now, lost, options)) {
          budget.progress();
          this.#longest = Math.max(this.#longest, retry.timing.now() - began);
          if (await this.#stays(additions, tries, written, options)) return;
        }
      } catch (error) {
        // An answer that was lost: what is there now decides, not another write.
        await budget.after(error);
        continue;
      }
      await rest(retry, retry.policy.base * retry.timing.random() * Math.min(lost, 5), options.signal);
    }
  }

  /** @returns false when somebody else wrote first */
  async #put(
    entries: readonly Descriptor[],
    seen: Listing | undefined,
    lost: number,
    options: CallOptions,
  ): Promise<boolean> {
    const { registry } = this.#client.parts;
    const heeds = this.#knowledge.heedsConditions;
    const known = heeds.get(registry);
    // A proxy that changes ETags would refuse us for ever.
    if (known && lost > LOST_WRITES / 2) heeds.set(registry, false);
    const condition = known === undefined ? NOBODYS_ETAG : heeds.get(registry) ? unchangedSince(seen) : undefined;
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
      if (known === undefined) heeds.set(registry, !written);
      return written;
    } catch (error) {
      // There are servers that refuse what they do not understand.
      if (known === undefined && hasCode(error, 'registry')) {
        heeds.set(registry, false);
        return false;
      }
      throw hasCode(error, 'conflict', 'registry', 'unauthorized') ? this.#refused(error) : error;
    }
  }

  /** @param tries so many times it was written */
  async #stays(additions: Additions, tries: number, written: () => void, options: CallOptions): Promise<boolean> {
    const { registry, retry } = this.#client.parts;
    if (this.#knowledge.heedsConditions.get(registry)) return true;
    const settle = Math.max(this.#longest * SETTLE_FACTOR, retry.policy.base / 2) * Math.min(tries, SETTLE_MOST);
    if (!(await this.#isThere(additions, options))) return false;
    written();
    await rest(retry, settle, options.signal);
    return this.#isThere(additions, options);
  }

  async #isThere(additions: Additions, options: CallOptions): Promise<boolean> {
    const now = await this.#read(options);
    return now !== undefined && holds(now, additions);
  }

  async #read(options: CallOptions): Promise<Listing | undefined> {
    const tag = fallbackTag(this.#subject);
    const found = await this.#manifests.readTag(tag, options);
    if (!found) return undefined;
    // GitLab resolves a tag `sha256-<hex>` that nobody wrote to the manifest with that digest: the subject itself, which
    // is no list of its referrers, even where it is an index.
    const unwritten = digestOf(found.bytes) === this.#subject;
    const entries = unwritten ? [] : parseIndexFile(found.bytes, `${this.#client.name}:${tag}`).manifests;
    return { entries, etag: found.etag, text: found.bytes.toString('latin1') };
  }

  #refused(error: TidegateError): TidegateError {
    const tag = fallbackTag(this.#subject);
    return new TidegateError(
      error.code,
      `${this.#client.name} has no referrers API, and refuses to change the tag ${tag} that lists the evidence in its place. ${error.message}`,
      { next: 'Exclude tags that match sha256-* from rules that make tags immutable, and allow pushes.', cause: error },
    );
  }

  #contended(): TidegateError {
    const tag = fallbackTag(this.#subject);
    return new TidegateError('conflict', `${this.#client.name}: the tag ${tag} does not keep what is written to it.`, {
      next: 'Run it again when nobody else attaches evidence to this image. If it stays, the registry loses writes.',
    });
  }
}

function holds({ entries }: Listing, additions: Additions): boolean {
  return [...additions.values()].every((wanted) => entries.some((there) => same(there, wanted)));
}

function same(there: Descriptor, wanted: Descriptor): boolean {
  return (
    there.digest === wanted.digest && there.artifactType === wanted.artifactType && there.annotations !== undefined
  );
}

function withAdditions(entries: readonly Descriptor[], additions: Additions): readonly Descriptor[] {
  return [...entries.filter(({ digest }) => !additions.has(digest)), ...additions.values()];
}
