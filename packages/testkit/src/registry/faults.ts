import type { IncomingHttpHeaders } from 'node:http';

/** One request as the registry saw it. `status` is undefined when no answer was given. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** The client's port: the same for requests over the same connection. */
  readonly connection: number | undefined;
  /** Bytes of the body that were taken: what a refusal left unread is not among them. */
  received: number;
  status: number | undefined;
}

/** What goes wrong with a request. Everything not named here goes its way. */
export type Fault =
  /** Another answer; nothing is done. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array;
    }
  /** The connection is cut before anything is done. */
  | { readonly kind: 'reset' }
  /** The connection is cut after that many bytes of the request's body have been taken. */
  | { readonly kind: 'cut-request'; readonly after: number }
  /** The connection is cut after that many bytes of the answer's body. */
  | { readonly kind: 'cut-answer'; readonly after: number }
  /** All is done, and the answer is lost. */
  | { readonly kind: 'lose-answer' }
  /** Nothing more is heard: before anything is done, or after all is done. The connection stays open. */
  | { readonly kind: 'stall'; readonly done: boolean }
  /** After that many bytes of the answer's body nothing more is heard. */
  | { readonly kind: 'stall-answer'; readonly after: number }
  /** The answer's body comes in so many pieces, with so many milliseconds between them. */
  | { readonly kind: 'slow'; readonly pieces: number; readonly pause: number }
  /** One bit of the answer's body is another, and its length is right. */
  | { readonly kind: 'flip-bit'; readonly at: number }
  /** The answer is whole by its own length, and that many bytes short of what it should be. */
  | { readonly kind: 'shorten'; readonly by: number }
  /** The token that came along is known no more: with the token service, a challenge and a new one follow. */
  | { readonly kind: 'expire-token' }
  /** The upload that is meant is forgotten, with all its bytes. */
  | { readonly kind: 'forget-upload' }
  /** Answer headers that are other than they would be; undefined takes one away. */
  | { readonly kind: 'headers'; readonly headers: Readonly<Record<string, string | undefined>> };

/** Called before each request is dealt with (the token service's too). */
export type OnRequest = (request: RecordedRequest, count: number) => Fault | undefined | Promise<Fault | undefined>;
