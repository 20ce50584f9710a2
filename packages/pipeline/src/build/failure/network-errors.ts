import type { Facts } from './facts.ts';
import { says } from './symptoms.ts';

/** How errors of Go's network library end, which BuildKit uses for images and for ADD. */
const GO = [
  'no such host',
  'connection refused',
  'connection reset by peer',
  'i/o timeout',
  'TLS handshake timeout',
  'network is unreachable',
  'no route to host',
  'server gave HTTP response to HTTPS client',
  'EOF',
] as const;

/** Why BuildKit itself could not connect. @param text one line: the error */
export function networkError(text: string): string | undefined {
  return GO.find((words) => text.endsWith(words)) ?? /x509: [^":]+$/.exec(text)?.[0];
}

/** Messages of resolvers, sockets and the most common tools. */
const OF_PROGRAMS =
  /(?:^|[:()\]] ?|\b(?:code|errno|getaddrinfo|connect) '?)(?:Temporary failure (?:in name resolution|resolving)|Could not resolve host|no such host|EAI_AGAIN|ENOTFOUND|ECONNREFUSED|Connection refused|Network is unreachable|No route to host|bad address)/i;

/** The line in which the program of a step reports that it could not connect. */
export function networkErrorOfProgram(facts: Facts): string | undefined {
  return says(facts, OF_PROGRAMS);
}
