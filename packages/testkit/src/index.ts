export { runWorkflow, type WorkflowOptions, type WorkflowRun } from './act.ts';
export { pullRequestOf, pushOf, type TestEvent } from './act-events.ts';
export { type Conclusion, type JobRun, readActLog, type StepRun } from './act-log.ts';
export { type ActSuite, type ActSuiteOptions, copySuiteForAct, rewriteForAct } from './act-suite.ts';
export { type ArtifactService, type StoredArtifact, startArtifactService } from './artifacts.ts';
export { type FakeGitHub, type GitHubOptions, startGitHub } from './github.ts';
export { node24, repositoryRoot } from './node24.ts';
export { type Annotation, type BundleResult, type BundleRun, runBundle, runPost } from './run-action.ts';
export { parseCommand, parseCommandLoosely, printedLines, type RunnerCommand } from './runner-commands.ts';
