import type { Fault, RecordedRequest } from '@tidegate/testkit';

export interface FaultType {
  readonly name: string;
  /** @param request the affected request: some responses must match it */
  readonly fault: (request: RecordedRequest) => Fault;
  /** Whether a push must still succeed if this happens once, at any step. */
  readonly heals: boolean;
}

/** Names of faults after which a client waits for what never comes. */
export const STALLS = /stall|no answer comes|says it is longer/;

const NOBODY = `sha256:${'0'.repeat(64)}`;

const once = (name: string, fault: Fault): FaultType => ({ name, fault: () => fault, heals: true });
const grave = (name: string, fault: Fault): FaultType => ({ name, fault: () => fault, heals: false });
const answer = (status: number, headers: Readonly<Record<string, string>> = {}): Fault => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: '{"errors":[{"code":"BY_ORDER","message":"of a test"}]}',
});

/** Possible faults of a request. */
export const FAULTS: readonly FaultType[] = [
  once('reset before anything is done', { kind: 'reset' }),
  once('cut in its body', { kind: 'cut-request', after: 5_000 }),
  once('done, and the answer lost', { kind: 'lose-answer' }),
  once('stalled before anything is done', { kind: 'stall', done: false }),
  once('done, and no answer comes', { kind: 'stall', done: true }),
  once('its answer stalls', { kind: 'stall-answer', after: 20 }),
  once('its answer is cut after the head', { kind: 'cut-answer', after: 0 }),
  once('its answer is cut', { kind: 'cut-answer', after: 20 }),
  once('its answer is slow', { kind: 'slow', pieces: 5, pause: 2 }),
  once('answered 408', answer(408)),
  once('answered 429', answer(429)),
  once('answered 429, wait 2 seconds', answer(429, { 'retry-after': '2' })),
  once('answered 500', answer(500)),
  once('answered 502', answer(502)),
  once('answered 503', answer(503)),
  once('answered 504', answer(504)),
  once('its token has expired', { kind: 'expire-token' }),
  once('its upload is forgotten', { kind: 'forget-upload' }),
  grave('answered 400', answer(400)),
  grave('answered 401', answer(401)),
  grave('answered 403', answer(403)),
  grave('answered 404', answer(404)),
  grave('answered 413', answer(413)),
  grave('answered by a web page', {
    kind: 'answer',
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<p>',
  }),
  grave('answered with a redirect into the void', answer(307, { location: 'http://127.0.0.1:1/' })),
  grave('its answer names another digest', { kind: 'headers', headers: { 'docker-content-digest': NOBODY } }),
  grave('its answer names no digest', { kind: 'headers', headers: { 'docker-content-digest': undefined } }),
  grave('its answer says it is longer', { kind: 'headers', headers: { 'content-length': '1000000' } }),
  grave('its answer says it is shorter', { kind: 'headers', headers: { 'content-length': '1' } }),
  grave('its answer has no length', { kind: 'headers', headers: { 'content-length': undefined } }),
  grave('its answer has a wrong bit', { kind: 'flip-bit', at: 40 }),
  grave('its answer lacks its end', { kind: 'shorten', by: 10 }),
  grave('its answer leads nowhere', { kind: 'headers', headers: { location: undefined, range: 'bytes=7-3' } }),
];
