export { type BaseImage, baseImageOf } from './base-image.ts';
export { type Cause, type CauseMap, causeOf, fixSentence, packageKey, placeOf } from './cause.ts';
export { type BaseLine, type BuildStep, type ImageOrigin, originsOf } from './origin.ts';
