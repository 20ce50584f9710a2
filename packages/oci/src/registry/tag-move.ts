import { type Descriptor, type Digest, hasCode, TidegateError } from '@tidegate/core';
import { RetryableError, rest, withRetry } from '../http/retry.ts';
import type { CallOptions } from '../store.ts';
import type { RegistryClient } from './client.ts';
import { type Manifests, type Seen, unchangedSince } from './manifests.ts';

export type TagOutcome = 'set' | 'moved' | 'unchanged';

export interface TagOptions extends CallOptions {
  /**
   * What the tag pointed at when the decision to move it was made. Where it points elsewhere by now, somebody else
   * moved it: that is reported, not overwritten. Left out, it is moved from wherever it is.
   */
  readonly from?: Digest | 'nothing';
  /** The manifest's exact bytes, where the caller has them. Else they are fetched, and sent back by tag. */
  readonly bytes?: Uint8Array;
}

/** Reads until a tag that was just written is seen: some registries answer from a copy that lags behind. */
const READ_BACKS = 4;

/**
 * Point a tag at a manifest that is there: look, write on the condition that nothing changed since (where the registry
 * heeds If-Match), look again. Each try after a failure begins with a look: an answer that was lost is no reason to
 * write twice, and over somebody else's move never.
 */
export class TagMove {
  readonly #client: RegistryClient;
  readonly #manifests: Manifests;
  readonly #descriptor: Descriptor;
  readonly #tag: string;
  readonly #options: CallOptions;
  /** Where it must still be before each write. */
  #from: Digest | 'nothing' | undefined;
  /** What we may have done: an answer that was lost does not tell. */
  #written = false;
  /** Set once a condition was refused though nothing had changed: a proxy changes ETags, or the tag is immutable. */
  #plain = false;
  #refusal: TidegateError | undefined;

  constructor(client: RegistryClient, manifests: Manifests, descriptor: Descriptor, tag: string, options: TagOptions) {
    const { from, bytes: _, ...call } = options;
    this.#client = client;
    this.#manifests = manifests;
    this.#descriptor = descriptor;
    this.#tag = tag;
    this.#from = from;
    this.#options = call;
  }

  /** @throws TidegateError `conflict` when the tag is somebody else's now, or may not be changed */
  async run(bytes: Uint8Array): Promise<TagOutcome> {
    return this.#move(bytes).catch(async (error: unknown) => {
      // The last write of all may have arrived as well, and only its answer been lost.
      if (!this.#written || !hasCode(error, 'network', 'registry')) throw error;
      const now = await this.#look().catch(() => undefined);
      if (now?.descriptor.digest !== this.#descriptor.digest) throw error;
      return this.#outcome();
    });
  }

  #move(bytes: Uint8Array): Promise<TagOutcome> {
    return withRetry(this.#client.parts.retry, this.#options.signal, async () => {
      for (;;) {
        const now = await this.#look();
        if (now?.descriptor.digest === this.#descriptor.digest) return this.#outcome();
        this.#from ??= now?.descriptor.digest ?? 'nothing';
        if (this.#from !== (now?.descriptor.digest ?? 'nothing')) throw this.#movedTo(now);
        if (this.#refusal) throw now ? this.#kept(now, this.#refusal) : this.#refusal;
        if (await this.#write(bytes, now)) {
          await this.#readBack();
          return this.#outcome();
        }
      }
    });
  }

  /** @returns false when it was refused: what is there now has to be looked at */
  async #write(bytes: Uint8Array, now: Seen | undefined): Promise<boolean> {
    const condition = this.#plain ? undefined : unchangedSince(now);
    try {
      this.#written = true;
      if (await this.#manifests.putTag(this.#tag, this.#descriptor.mediaType, bytes, condition, this.#options)) {
        return true;
      }
      this.#written = false;
    } catch (error) {
      if (error instanceof RetryableError) throw error;
      this.#written = false;
      // Immutable tags: Harbor answers 412, ECR 400. And not everybody understands a condition.
      if (!hasCode(error, 'conflict', 'registry')) throw error;
      if (condition === undefined) this.#refusal = error;
    }
    this.#plain = true;
    return false;
  }

  async #readBack(): Promise<void> {
    const { retry } = this.#client.parts;
    for (let read = 1; ; read += 1) {
      const after = await this.#look();
      if (after?.descriptor.digest === this.#descriptor.digest) return;
      const old = (after?.descriptor.digest ?? 'nothing') === this.#from;
      if (!old) throw this.#setByOthers(after);
      if (read === READ_BACKS) throw this.#notKept(after);
      await rest(retry, retry.policy.base * read, this.#options.signal);
    }
  }

  #look(): Promise<Seen | undefined> {
    return this.#manifests.see(this.#tag, this.#options).catch((error: unknown) => {
      if (hasCode(error, 'not-found')) return undefined;
      throw error;
    });
  }

  #outcome(): TagOutcome {
    if (!this.#written) return 'unchanged';
    return this.#from === undefined || this.#from === 'nothing' ? 'set' : 'moved';
  }

  #movedTo(now: Seen | undefined): TidegateError {
    const to = now?.descriptor.digest ?? 'nothing';
    return this.#conflict(
      `somebody moved it from ${this.#from} to ${to} meanwhile`,
      'See which of the two it should be, and run again if it is this one.',
    );
  }

  #setByOthers(after: Seen | undefined): TidegateError {
    const to = after?.descriptor.digest ?? 'nothing';
    return this.#conflict(
      `it points at ${to}, not at ${this.#descriptor.digest}: somebody else set it at the same time`,
      'See which of the two it should be, and run again if it is this one.',
    );
  }

  #notKept(after: Seen | undefined): TidegateError {
    return new TidegateError(
      'registry',
      `${this.#where}: the registry took it and still shows ${after?.descriptor.digest ?? 'nothing'}.`,
      { next: 'Run again in a while. If it stays, the registry or a cache before it does not keep what it takes.' },
    );
  }

  #kept(now: Seen, refusal: TidegateError): TidegateError {
    return this.#conflict(
      `it points at ${now.descriptor.digest}, not at ${this.#descriptor.digest}, and may not be changed (${refusal.message})`,
      'The registry keeps its tags as they are: use another tag.',
      refusal,
    );
  }

  #conflict(why: string, next: string, cause?: unknown): TidegateError {
    return new TidegateError('conflict', `${this.#where}: ${why}.`, { next, ...(cause ? { cause } : {}) });
  }

  get #where(): string {
    return `${this.#client.name}: the tag ${this.#tag}`;
  }
}
