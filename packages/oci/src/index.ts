export {
  type CopyGraphOptions,
  type CopyReferrersOptions,
  copy,
  copyBlobs,
  copyManifests,
  copyReferrers,
} from './copy.ts';
export type { CopyEvent, CopyReport } from './copy-report.ts';
export type { CopyOptions } from './copy-send.ts';
export type { HelperResult, HelperRun } from './credential-helper.ts';
export { type Credential, type CredentialSource, firstOf, staticCredentials } from './credentials.ts';
export { type DockerCredentialsOptions, dockerCredentials } from './docker-config.ts';
export { fallbackTag } from './fallback-tag.ts';
export { type ConnectionOptions, Connections } from './http.ts';
export { blobsOf, readImage, readManifest } from './image.ts';
export { imageIndex } from './image-index.ts';
export { type JoinOptions, joinLayouts } from './join.ts';
export type { ContentSink, TarEntry } from './layers/tar.ts';
export { type WalkedLayer, type WalkLimits, walkLayer } from './layers/walk.ts';
export { ImageLayout } from './layout.ts';
export type { Collected, CollectOptions } from './layout-garbage.ts';
export { type PlatformViewOptions, platformView } from './platform-view.ts';
export { Registry, type RegistryOptions } from './registry.ts';
export { RegistryKnowledge } from './registry-knowledge.ts';
export type { RetryEvent, RetryPolicy, Timing } from './retry.ts';
export * from './store.ts';
export type { TagOptions, TagOutcome } from './tag-move.ts';
export { contentOfBytes } from './verified.ts';
