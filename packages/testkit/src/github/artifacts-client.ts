/**
 * The libraries in the bundles of upload-artifact v7 and download-artifact v8, for their stand-ins: GitHub's own
 * client, its glob, and the matcher of names.
 */
export { type Artifact, DefaultArtifactClient } from '@actions/artifact';
export { create as createGlob } from '@actions/glob';
export { Minimatch } from 'minimatch';
