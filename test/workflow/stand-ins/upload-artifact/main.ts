import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DefaultArtifactClient } from '../../../../packages/testkit/src/artifacts-client.ts';
import { fail, input, setOutput } from '../step.ts';

const folder = resolve(input('path'));
const entries = await readdir(folder, { recursive: true, withFileTypes: true });
// As the real one does unless told otherwise: what is hidden stays behind.
const files = entries
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((path) => !path.slice(folder.length).includes('/.'));
if (input('if-no-files-found') !== 'error') fail('if-no-files-found: the stand-in knows only error');
if (files.length === 0) fail(`nothing in ${folder}`);

const { id, digest } = await new DefaultArtifactClient().uploadArtifact(input('name'), files, folder, {
  compressionLevel: Number(input('compression-level')),
});
if (id === undefined || digest === undefined) fail('the service gave no id');
setOutput('artifact-id', String(id));
setOutput('artifact-digest', String(digest));
