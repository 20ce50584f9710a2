export { runningBuildkit, startBuildkit } from './buildkitd/buildkitd.ts';
export type { BuildkitConfig } from './buildkitd/config.ts';
export { readBuildkitConfig } from './buildkitd/read-config.ts';
export { silenceOf } from './buildkitd/socket.ts';
export { stopBuildkit } from './buildkitd/stop.ts';
export { credentialHelper } from './credential-helper.ts';
export { createGit, type GitCommand, type GitProtocol } from './git.ts';
export { type ChildContexts, type ChildOptions, childContexts } from './run/child-context.ts';
export { type Daemon, endDaemon, startDaemon } from './run/daemon.ts';
export { resolvesOutside } from './run/environment.ts';
export { makeFolder } from './run/folder.ts';
export { launch } from './run/launch.ts';
export { replaceFile } from './run/replace-file.ts';
export { run } from './run/run.ts';
export { CONTINUED } from './run/stderr-lines.ts';
export { temporaryFolder } from './run/temporary-folder.ts';
export { isExecutable, which } from './run/which.ts';
export { NETWORK_PLUGINS, releasedPlugin } from './step-network/plugins.ts';
export { assertResolves, downloadTool, type Origin, parseOrigin } from './toolbox/download.ts';
export { hostPlatform } from './toolbox/host.ts';
export { buildxOfRunner } from './toolbox/of-runner.ts';
export { PINS } from './toolbox/pins.ts';
export {
  type Run,
  type RunNetwork,
  type RunOptions,
  type RunResult,
  TOOL_NAMES,
  type Tool,
  type Toolbox,
  type ToolName,
} from './toolbox/tool.ts';
export { createToolbox, type ToolboxOptions, toolAt } from './toolbox/toolbox.ts';
export { unzip } from './toolbox/unzip.ts';
