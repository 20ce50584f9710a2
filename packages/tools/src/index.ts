export { type BuildkitOptions, type RunningBuildkit, runningBuildkit, startBuildkit } from './buildkitd.ts';
export { silenceOf } from './buildkitd-socket.ts';
export { type StartedBuildkit, stopBuildkit } from './buildkitd-stop.ts';
export {
  type ChildContext,
  type ChildContexts,
  type ChildOptions,
  childContexts,
  type UserLogin,
} from './child-context.ts';
export { type CredentialHelper, credentialHelper } from './credential-helper.ts';
export { type Download, downloadTool, type Origin, parseOrigin } from './download.ts';
export { isOutside } from './environment.ts';
export { makeFolder } from './folder.ts';
export { createGit, type Git, type GitCommand, type GitOptions, type GitProtocol } from './git.ts';
export { hostPlatform } from './host.ts';
export { PINS, type Pin } from './pins.ts';
export { run } from './run.ts';
export { NETWORK_PLUGINS, releasedPlugin } from './step-network/plugins.ts';
export * from './tool.ts';
export { createToolbox, type ToolboxOptions, toolAt } from './toolbox.ts';
