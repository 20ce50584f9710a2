export { node24, repositoryRoot } from './node24.ts';
export { type Annotation, type BundleResult, type BundleRun, runBundle, runPost } from './run-action.ts';
export { parseCommand, parseCommandLoosely, printedLines, type RunnerCommand } from './runner-commands.ts';
