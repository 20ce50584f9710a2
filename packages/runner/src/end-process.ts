/** Milliseconds. What is open after it, such as a connection, is nothing that a user waits for. */
const PATIENCE = 1000;

/**
 * End the process with this code once nothing is left to do. `process.exit` at once can hang forever: it waits for
 * threads of V8 that compile, and these for memory that only the main thread can free (nodejs/node#54918).
 */
export function endProcess(code: number): void {
  process.exitCode = code;
  setTimeout(() => process.exit(code), PATIENCE).unref();
}
