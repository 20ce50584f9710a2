export { runningBuildkit, startBuildkit } from './buildkitd.ts';
export { silenceOf } from './buildkitd-socket.ts';
export { stopBuildkit } from './buildkitd-stop.ts';
export { type ChildContexts, type ChildOptions, childContexts } from './child-context.ts';
export { credentialHelper } from './credential-helper.ts';
export { downloadTool, type Origin, parseOrigin } from './download.ts';
export { isOutside } from './environment.ts';
export { makeFolder } from './folder.ts';
export { createGit, type GitCommand, type GitProtocol } from './git.ts';
export { hostPlatform } from './host.ts';
export { PINS } from './pins.ts';
export { run } from './run.ts';
export { NETWORK_PLUGINS, releasedPlugin } from './step-network/plugins.ts';
export {
  type Run,
  type RunNetwork,
  type RunOptions,
  type RunResult,
  TOOL_NAMES,
  type Tool,
  type Toolbox,
  type ToolName,
} from './tool.ts';
export { createToolbox, toolAt } from './toolbox.ts';
