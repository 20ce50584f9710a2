import { execFile } from 'node:child_process';
import { copyFile, link, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildApp } from '../e2e/support/app.ts';
import { debian } from './debian.ts';

const run = promisify(execFile);

const DOCKERFILE = `FROM scratch AS debian
ADD debian.tar /
FROM debian
COPY app /usr/local/bin/app
USER 65532
ENTRYPOINT ["/usr/local/bin/app"]
`;

/** A commit whose Dockerfile puts a Go program onto Debian's smallest system: about 200 MB. @returns its checkout */
export async function makeCommit(folder: string, say: (line: string) => void): Promise<string> {
  const place = join(folder, 'workspace');
  const app = await buildApp(join(folder, 'app'), 'go.mod');
  await mkdir(place);
  await copyFile(join(app, 'app-linux-amd64'), join(place, 'app'));
  const tar = await debian(say);
  await link(tar, join(place, 'debian.tar')).catch(() => copyFile(tar, join(place, 'debian.tar')));
  await writeFile(join(place, 'Dockerfile'), DOCKERFILE);
  const git = (...argv: string[]) =>
    run('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org', ...argv], { cwd: place });
  await git('init', '-q', '-b', 'main');
  await writeFile(join(place, '.gitignore'), 'debian.tar\n');
  await git('add', '-A');
  await git('commit', '-qm', 'One commit');
  await git('tag', 'v1.0.0');
  return place;
}
