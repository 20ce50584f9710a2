export { type Environment, publicEnvironment } from './environment.ts';
export { pullRequestHead } from './event.ts';
export { failWithOutputs } from './failure.ts';
export { type Checkout, checkoutAt } from './git.ts';
export { githubToken, gitStateOf } from './github.ts';
export { githubCommit } from './github-commit.ts';
export { outputLines } from './input-lines.ts';
export * from './job.ts';
export { type Network, readNetwork } from './network.ts';
export { type InputSource, parseInputs } from './parse-inputs.ts';
export { createProgress, nodeTicker, type ProgressOptions } from './progress.ts';
export { readProxies } from './proxies.ts';
export { commentOnPullRequest, uploadSarif } from './publish-report.ts';
export {
  attachToRelease,
  type ReleaseFile,
  type Snapshot,
  type SnapshotManifest,
  submitSnapshot,
} from './publish-sbom.ts';
export { createRedactor, type Redactor } from './redact.ts';
export { type Post, type Run, runAction } from './run-action.ts';
export { createSafeLog, type RunnerCommands, type SafeLog } from './safe-log.ts';
export * from './schema.ts';
export { appendSummary } from './summary.ts';
export { repositoryVisibility, VISIBILITIES, type Visibility } from './visibility.ts';
