import { join, resolve } from 'node:path';
import { type Artifact, DefaultArtifactClient } from '../../../../packages/testkit/src/artifacts-client.ts';
import { fail, input, setOutput } from '../step.ts';

const client = new DefaultArtifactClient();
const path = resolve(input('path') || (process.env.GITHUB_WORKSPACE ?? fail('no workspace')));
const ids = input('artifact-ids').split(',').filter(Boolean).map(Number);
const wanted = selector();
const found = (await client.listArtifacts({ latest: true })).artifacts.filter(wanted);
if (found.length === 0 || (ids.length > 0 && found.length !== ids.length)) fail('an artifact is not there');

const flat = input('name') !== '' || ids.length === 1;
for (const artifact of found) {
  const { digestMismatch } = await client.downloadArtifact(artifact.id, {
    path: flat ? path : join(path, artifact.name),
    ...(artifact.digest ? { expectedHash: artifact.digest } : {}),
  });
  // `digest-mismatch: error`, the default since version 8.
  if (digestMismatch) fail(`${artifact.name} is not what was uploaded`);
}
setOutput('download-path', path);

function selector(): (artifact: Artifact) => boolean {
  const [name, pattern] = [input('name'), input('pattern')];
  if (ids.length > 0) return (artifact) => ids.includes(artifact.id);
  if (name) return (artifact) => artifact.name === name;
  if (!/^[\w-]+-\*$/.test(pattern)) fail(`the stand-in knows PREFIX-* only, not ${pattern}`);
  return (artifact) => artifact.name.startsWith(pattern.slice(0, -1));
}
