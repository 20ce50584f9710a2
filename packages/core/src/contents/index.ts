export { type ConfigLayers, readConfig, startsAsRoot } from './config-facts.ts';
export * from './image-contents.ts';
export { ContentsRecorder, type LayerEntry, STATE_PATHS } from './recorder.ts';
export { MOST_SEARCHED } from './secrets.ts';
