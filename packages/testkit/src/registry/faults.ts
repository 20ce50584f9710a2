import type { IncomingHttpHeaders } from 'node:http';

/** One request as the registry saw it. `status` is undefined if there was no response. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** The client's port: the same for requests over the same connection. */
  readonly connection: number | undefined;
  /** Bytes of the body that were read, without those that a rejection left unread. */
  received: number;
  status: number | undefined;
}

/** The fault of a request. Everything else works normally. */
export type Fault =
  /** Another response; nothing is done. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array;
    }
  /** The connection is cut before anything is done. */
  | { readonly kind: 'reset' }
  /** The connection is cut after this many bytes of the request's body. */
  | { readonly kind: 'cut-request'; readonly after: number }
  /** The connection is cut after this many bytes of the response's body. */
  | { readonly kind: 'cut-answer'; readonly after: number }
  /** The request is completed, but the response is lost. */
  | { readonly kind: 'lose-answer' }
  /** No response, before anything is done or after everything is done. The connection stays open. */
  | { readonly kind: 'stall'; readonly done: boolean }
  /** No more data after this many bytes of the response's body. */
  | { readonly kind: 'stall-answer'; readonly after: number }
  /** The response's body arrives in this many pieces, with this many milliseconds between them. */
  | { readonly kind: 'slow'; readonly pieces: number; readonly pause: number }
  /** One bit of the response's body is flipped; its length is correct. */
  | { readonly kind: 'flip-bit'; readonly at: number }
  /** The response is complete by its own length, but this many bytes too short. */
  | { readonly kind: 'shorten'; readonly by: number }
  /** The token of the request is no longer valid: with the token service, a challenge and a new token follow. */
  | { readonly kind: 'expire-token' }
  /** The upload of the request is forgotten, with all its bytes. */
  | { readonly kind: 'forget-upload' }
  /** Changed response headers; undefined removes one. */
  | { readonly kind: 'headers'; readonly headers: Readonly<Record<string, string | undefined>> };

/** Called before each request is handled (also those of the token service). */
export type OnRequest = (request: RecordedRequest, count: number) => Fault | undefined | Promise<Fault | undefined>;
