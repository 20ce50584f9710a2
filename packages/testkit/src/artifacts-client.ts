/** GitHub's own client, for the stand-ins of upload-artifact and download-artifact: the bundles of the real ones hold it too. */
export { type Artifact, DefaultArtifactClient } from '@actions/artifact';
