import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** Makes `folder` a repository with one empty commit. @returns the commit */
export async function emptyRepository(folder: string): Promise<string> {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false'];
  const git = async (...argv: string[]) => (await exec('git', [...who, ...argv], { cwd: folder })).stdout.trim();
  await git('init', '--quiet', '--initial-branch=main');
  await git('commit', '--quiet', '--allow-empty', '--message=Nothing yet');
  return git('rev-parse', 'HEAD');
}
