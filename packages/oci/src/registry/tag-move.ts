import { type Descriptor, type Digest, hasKind, TidegateError } from '@tidegate/core';
import { pause, RetryableError, withRetry } from '../http/retry.ts';
import type { CallOptions } from '../store.ts';
import type { RegistryClient } from './client.ts';
import { type Manifests, type TagState, unchangedSince } from './manifests.ts';

export type TagOutcome = 'set' | 'moved' | 'unchanged';

export interface TagOptions extends CallOptions {
  /**
   * Digest that the tag pointed at when the decision to move it was made. If it points elsewhere now, another client
   * moved it: this is an error, not overwritten. Default: move it from any state.
   */
  readonly from?: Digest | 'nothing';
  /** The manifest's exact bytes, if the caller has them. Otherwise they are fetched, and sent back by tag. */
  readonly bytes?: Uint8Array;
}

/** Reads until a tag that was just written must be visible: some registries read from a replica that lags behind. */
const READ_BACKS = 4;

/**
 * Points a tag at an existing manifest: read, write on the condition that it is unchanged (If-Match, where the registry
 * honors it), read back. Each retry starts with a read, so that a lost response does not cause a second write, and a
 * move by another client is never overwritten.
 */
export class TagMove {
  readonly #client: RegistryClient;
  readonly #manifests: Manifests;
  readonly #descriptor: Descriptor;
  readonly #tag: string;
  readonly #options: CallOptions;
  /** Expected state before each write. */
  #from: Digest | 'nothing' | undefined;
  /** Whether we may have written: unknown if the response was lost. */
  #written = false;
  /** Set after a condition failed although nothing had changed: a proxy changes ETags, or the tag is immutable. */
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

  /** @throws TidegateError `conflict` when another client moved the tag, or it is immutable */
  async run(bytes: Uint8Array): Promise<TagOutcome> {
    return this.#move(bytes).catch(async (error: unknown) => {
      // The last write may have succeeded with only its response lost.
      if (!this.#written || !hasKind(error, 'network', 'registry')) throw error;
      const now = await this.#inspect().catch(() => undefined);
      if (now?.descriptor.digest !== this.#descriptor.digest) throw error;
      return this.#outcome();
    });
  }

  #move(bytes: Uint8Array): Promise<TagOutcome> {
    return withRetry(this.#client.parts.retry, this.#options.signal, async () => {
      for (;;) {
        const now = await this.#inspect();
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

  /** @returns false when it was rejected: the current state must be read again */
  async #write(bytes: Uint8Array, now: TagState | undefined): Promise<boolean> {
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
      // Immutable tags: Harbor responds with 412, ECR with 400. And some registries do not support conditions.
      if (!hasKind(error, 'conflict', 'registry')) throw error;
      if (condition === undefined) this.#refusal = error;
    }
    this.#plain = true;
    return false;
  }

  async #readBack(): Promise<void> {
    const { retry } = this.#client.parts;
    for (let read = 1; ; read += 1) {
      const after = await this.#inspect();
      if (after?.descriptor.digest === this.#descriptor.digest) return;
      const old = (after?.descriptor.digest ?? 'nothing') === this.#from;
      if (!old) throw this.#setByOthers(after);
      if (read === READ_BACKS) throw this.#notKept(after);
      await pause(retry, retry.policy.base * read, this.#options.signal);
    }
  }

  #inspect(): Promise<TagState | undefined> {
    return this.#manifests.inspect(this.#tag, this.#options).catch((error: unknown) => {
      if (hasKind(error, 'not-found')) return undefined;
      throw error;
    });
  }

  #outcome(): TagOutcome {
    if (!this.#written) return 'unchanged';
    return this.#from === undefined || this.#from === 'nothing' ? 'set' : 'moved';
  }

  #movedTo(now: TagState | undefined): TidegateError {
    const to = now?.descriptor.digest ?? 'nothing';
    return this.#conflict(
      `another client moved it from ${this.#from} to ${to} meanwhile`,
      'Decide which of the two it should be, and run again if it is this one.',
    );
  }

  #setByOthers(after: TagState | undefined): TidegateError {
    const to = after?.descriptor.digest ?? 'nothing';
    return this.#conflict(
      `it points at ${to}, not at ${this.#descriptor.digest}: another client set it at the same time`,
      'Decide which of the two it should be, and run again if it is this one.',
    );
  }

  #notKept(after: TagState | undefined): TidegateError {
    return new TidegateError(
      'tag-not-set',
      `${this.#where}: the registry accepted the write and still returns ${after?.descriptor.digest ?? 'nothing'}.`,
      { next: 'Run again later. If it still fails, the registry or a cache in front of it loses writes.' },
    );
  }

  #kept(now: TagState, refusal: TidegateError): TidegateError {
    return this.#conflict(
      `it points at ${now.descriptor.digest}, not at ${this.#descriptor.digest}, and cannot be changed (${refusal.message})`,
      'Use another tag: tags of this registry are immutable.',
      refusal,
    );
  }

  #conflict(why: string, next: string, cause?: unknown): TidegateError {
    return new TidegateError('tag-changed', `${this.#where}: ${why}.`, { next, cause });
  }

  get #where(): string {
    return `${this.#client.name}: the tag ${this.#tag}`;
  }
}
