export { MAX_MANIFEST_BYTES, type ManifestFile, readManifestFile } from './document.ts';
export { pinnedFile } from './edit.ts';
export { type ImagesOfFile, imagesOf } from './find-images.ts';
export type { FoundImage, LeftImage } from './found.ts';
export { type ImagePath, parseImagePaths } from './image-paths.ts';
export { isJsonManifest } from './json.ts';
export { listIn, type ManifestMap, type ManifestNode, mapIn, textIn, valueUnder } from './node.ts';
