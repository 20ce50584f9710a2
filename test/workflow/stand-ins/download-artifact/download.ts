/** actions/download-artifact v8.0.1, `src/download-artifact.ts`, for the inputs that a workflow of ours gives. */
import { join, resolve } from 'node:path';
import {
  type Artifact,
  DefaultArtifactClient,
  Minimatch,
} from '../../../../packages/testkit/src/github/artifacts-client.ts';
import { fail, flag, input, messageOf, setOutput, warn } from '../step.ts';

const client = new DefaultArtifactClient();

export async function download(): Promise<void> {
  if (input('github-token') || input('digest-mismatch') !== 'error') {
    fail('github-token, digest-mismatch: the stand-in knows only the defaults');
  }
  const path = resolve(input('path') || (process.env.GITHUB_WORKSPACE ?? process.cwd()));
  const merge = flag('merge-multiple');
  try {
    const artifacts = await wanted();
    const mismatches: string[] = [];
    for (const artifact of artifacts) {
      const right = input('name') !== '' || merge || artifacts.length === 1;
      const { digestMismatch } = await client.downloadArtifact(artifact.id, {
        skipDecompress: flag('skip-decompress'),
        path: right ? path : join(path, artifact.name),
        ...(artifact.digest ? { expectedHash: artifact.digest } : {}),
      });
      if (digestMismatch) mismatches.push(artifact.name);
    }
    if (mismatches.length > 0) throw new Error(`Digest validation failed for artifact(s): ${mismatches.join(', ')}.`);
    console.log(`Total of ${artifacts.length} artifact(s) downloaded`);
    setOutput('download-path', path);
  } catch (error) {
    fail(`Unable to download artifact(s): ${messageOf(error)}`);
  }
}

async function wanted(): Promise<readonly Artifact[]> {
  const [name, ids, pattern] = [input('name'), input('artifact-ids'), input('pattern')];
  if (name && ids) {
    throw new Error("Inputs 'name' and 'artifact-ids' cannot be used together. Please specify only one.");
  }
  if (name) return [(await client.getArtifact(name)).artifact];
  const { artifacts } = await client.listArtifacts({ latest: true });
  if (ids) return byId(artifacts, ids);
  if (!pattern) return artifacts;
  const matcher = new Minimatch(pattern);
  return artifacts.filter((artifact) => matcher.match(artifact.name));
}

function byId(artifacts: readonly Artifact[], given: string): readonly Artifact[] {
  const texts = given
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
  if (texts.length === 0) throw new Error("No valid artifact IDs provided in 'artifact-ids' input");
  const ids = texts.map((text) => {
    const id = Number.parseInt(text, 10);
    if (Number.isNaN(id)) throw new Error(`Invalid artifact ID: '${text}'. Must be a number.`);
    return id;
  });
  const found = artifacts.filter(({ id }) => ids.includes(id));
  if (found.length === 0) throw new Error('None of the provided artifact IDs were found');
  const missing = ids.filter((id) => !found.some((artifact) => artifact.id === id));
  if (missing.length > 0) warn(`Could not find the following artifact IDs: ${missing.join(', ')}`);
  return found;
}
