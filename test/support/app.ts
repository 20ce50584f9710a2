import { execFile } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL('app', import.meta.url));

/** dpkg's record of one package, on a system that does not name its distribution. */
const NAMELESS = `Package: libssl3
Status: install ok installed
Architecture: amd64
Version: 3.0.11-1~deb12u2
Maintainer: nobody <nobody@example.org>
Description: a package without a distribution
`;

/**
 * A build context: the Dockerfile, and the program compiled for two platforms by this machine's Go.
 * @returns `folder`
 */
export async function buildApp(folder: string, modFile: 'go.mod' | 'vulnerable.mod'): Promise<string> {
  await mkdir(join(folder, 'nameless'), { recursive: true });
  await copyFile(join(SOURCE, 'Dockerfile'), join(folder, 'Dockerfile'));
  await writeFile(join(folder, 'nameless', 'status'), NAMELESS);
  for (const architecture of ['amd64', 'arm64']) {
    const output = join(folder, `app-linux-${architecture}`);
    const argv = ['build', '-trimpath', '-buildvcs=false', `-modfile=${modFile}`, '-o', output, '.'];
    const env = { ...process.env, CGO_ENABLED: '0', GOOS: 'linux', GOARCH: architecture, GOFLAGS: '-mod=mod' };
    await run('go', argv, { cwd: SOURCE, env });
  }
  return folder;
}
