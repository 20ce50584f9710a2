import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, waitingFor } from '@tidegate/testkit';

const run = promisify(execFile);

/** Debian's smallest system as a tar, about 200 MB: what many images stand on. Made once and kept. */
export async function debian(say: (line: string) => void): Promise<string> {
  const tar = join(cacheFolder(), 'bench', 'bookworm.tar');
  if (await stat(tar).catch(() => undefined)) return tar;
  await mkdir(dirname(tar), { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-debian-'));
  const root = join(folder, 'root');
  try {
    await waitingFor('debootstrap', say, () =>
      run('debootstrap', ['--variant=minbase', 'bookworm', root], { maxBuffer: 1 << 26 }),
    );
    await run('tar', ['-C', root, '--exclude=./dev/*', '-cf', `${tar}.part`, '.']);
    await rename(`${tar}.part`, tar);
    return tar;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
