/** The services that a stage uses. Real ones come from runner or cli, fakes from tests. */

/** Text may be untrusted: an implementation must escape it for its output. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  notice(message: string, at?: { readonly title?: string | undefined }): void;
  /** @param at `level`: `error` for a line that makes the run fail; the failure itself is thrown. */
  warning(
    message: string,
    at?: {
      readonly file: string;
      readonly line?: number | undefined;
      readonly title?: string | undefined;
      readonly level?: 'error' | 'warning';
      /** The log has the text already: only a runner, which shows it at the line, needs it again. */
      readonly isLogged?: boolean;
    },
  ): void;
  /** Everything logged inside `work` is folded under `title`. Groups opened side by side must not interleave. */
  group<T>(title: string, work: (log: Log) => Promise<T>): Promise<T>;
  /** Redact this text in all later output, in any form. */
  mask(secret: string): void;
  /**
   * `text` without what is masked. For text that is cut before it is shown: afterwards a part of a secret may be left,
   * which nothing recognizes.
   */
  redact(text: string): string;
}

/** Progress of one long-running task. `total` in bytes, undefined while unknown. */
export interface Progress {
  /** @returns functions: call `advance` as bytes move, and `done` once. */
  start(title: string, total?: number): { advance(bytes: number): void; done(): void };
}

export type Clock = () => Date;

/** The Fetch API, as Node has it. */
export type Fetch = typeof globalThis.fetch;

/** The machine's HTTP proxy settings. */
export interface Proxies {
  /**
   * @returns the proxy for a request to `url`, with its credentials; undefined for a direct connection
   * @throws TidegateError `bad-input` for a proxy that cannot be used
   */
  proxyFor(url: URL): URL | undefined;
}
