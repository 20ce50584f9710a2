import { TidegateError } from '@tidegate/core';
import type { Transcript } from './transcript.ts';

/**
 * Errors of registries, servers and Go's network library that pass: containerd's errors of a status (`503 Service
 * Unavailable`), BuildKit's of an ADD (`invalid response status 503`), and of connections that broke. `connection
 * refused`, `no such host` and certificates are not among them: mostly the address is wrong.
 */
const PASSING =
  /(?:^|[^\d])(?:500 Internal Server Error|502 Bad Gateway|503 Service (?:Temporarily )?Unavailable|504 Gateway Time-?out)|invalid response status 5\d\d|connection reset by peer|i\/o timeout|TLS handshake timeout|Client\.Timeout exceeded|unexpected EOF|: EOF$|server misbehaving|Temporary failure in name resolution|http2: server sent GOAWAY/m;

/** The same in the words of a program in a RUN. Only the name service says that its failure is temporary. */
const TEMPORARY_NAME = /Temporary failure (?:in name resolution|resolving)|EAI_AGAIN/;

/** Of a program: its words may be anything. */
const OF_PROGRAM = 'did not complete successfully: ';

/**
 * Whether a build failed because a registry or the network broke, so that it may succeed when it is repeated. A rate
 * limit does not pass in seconds.
 * @param explained the error with its known cause
 */
export function isTransient(explained: unknown, transcript: Transcript | undefined): boolean {
  if (transcript === undefined) return false;
  const { reason } = transcript;
  if (reason.includes(OF_PROGRAM)) {
    return (
      explained instanceof TidegateError && explained.id === 'build-network' && TEMPORARY_NAME.test(explained.message)
    );
  }
  if (/429 Too Many Requests|toomanyrequests/i.test(reason)) return false;
  return PASSING.test(reason);
}
