export { type BuildkitOptions, type RunningBuildkit, runningBuildkit, startBuildkit } from './buildkitd.ts';
export { type StartedBuildkit, stopBuildkit } from './buildkitd-stop.ts';
export { type Download, downloadTool } from './download.ts';
export { childEnvironment } from './environment.ts';
export { hostPlatform } from './host.ts';
export { PINS, type Pin } from './pins.ts';
export { run } from './run.ts';
export * from './tool.ts';
export { createToolbox, type ToolboxOptions } from './toolbox.ts';
