import { type ActionSpec, execute, type Host, type Run } from '@tidegate/runner';

/** Run an action, and its post step in the same process. @returns the exit code of the action */
export async function runAndClean<const A extends ActionSpec>(action: A, run: Run<A>, host: Host): Promise<number> {
  if (!action.post) return execute(action, run, undefined, host);
  const { stopOwnBuildkit } = await import('../../../actions/support/build/buildkit.ts');
  const exitCode = await execute(action, run, stopOwnBuildkit, host);
  // The second run of an action with a post step is that step: it stops the BuildKit that the first run started.
  await execute(action, run, stopOwnBuildkit, { ...host, signal: new AbortController().signal });
  return exitCode;
}
