export { readConfig } from './config-facts.ts';
export { instructionOf } from './history.ts';
export { type ImageContents, type LanguagePackage, TRACE_KINDS, type TraceKind } from './image-contents.ts';
export { folderOf, layerPath, nameOf, whiteoutOf } from './layer-path.ts';
export { ContentsRecorder, STATE_PATHS } from './recorder.ts';
export { type ContentsPolicy, mayLeave } from './rules.ts';
export { MOST_SEARCHED, secretsIn, secretsInConfig } from './secrets.ts';
