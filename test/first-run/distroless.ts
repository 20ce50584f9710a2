/**
 * gcr.io/distroless/cc-debian12:nonroot, of the same Debian packages and files that the published image is made of. Its
 * source says which: github.com/GoogleContainerTools/distroless, `config.bzl` in static/, base/ and cc/,
 * common/BUILD.bazel (users, os-release, certificates), static/static.bzl (configuration), PACKAGE_METADATA.md (dpkg).
 */
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Apt } from '../demo/bases/apt.ts';
import { finishLayout, startLayout } from '../demo/bases/image.ts';
import { writeLayer } from '../demo/bases/layers.ts';
import { type MadeBase, PASSWD } from '../demo/bases/made.ts';
import type { Command } from '../demo/command.ts';

/** Installed as they are: those of static, of base, and of cc. */
export const CC_PACKAGES: readonly string[] = [
  ...['base-files', 'netbase', 'tzdata', 'media-types'],
  ...['libc6', 'libssl3'],
  ...['libgomp1', 'libstdc++6', 'libgcc-s1', 'gcc-12-base'],
];
/** Only its certificates are installed, as one file. */
const CERTIFICATES = 'ca-certificates';
const CERTIFICATES_FILE = 'etc/ssl/certs/ca-certificates.crt';
const NONROOT = 65532;

const GROUP = `root:x:0:\nnobody:x:65534:\ntty:x:5:\nstaff:x:50:\nnonroot:x:${NONROOT}:\n`;
const SOURCE = 'https://github.com/GoogleContainerTools/distroless';
const OS_RELEASE = `PRETTY_NAME="Distroless"
NAME="Debian GNU/Linux"
ID="debian"
VERSION_ID="12"
VERSION="Debian GNU/Linux 12 (bookworm)"
HOME_URL="${SOURCE}"
SUPPORT_URL="${SOURCE}/blob/master/README.md"
BUG_REPORT_URL="${SOURCE}/issues/new"
`;

export const DISTROLESS_CC: MadeBase = {
  of: 'Debian packages',
  ingredients: [...CC_PACKAGES, CERTIFICATES, OS_RELEASE, GROUP],
  async make(folder, architectures, temp, command) {
    const blobs = await startLayout(folder);
    const images = [];
    for (const architecture of architectures) {
      const apt = await Apt.open(join(temp, `apt-${architecture}`), architecture, command);
      const archives = await apt.download([...CC_PACKAGES, CERTIFICATES]);
      const own = join(temp, `own-${architecture}`);
      const layers = [];
      for (const archive of archives) {
        await writeStatus(own, archive, command);
        if (nameOf(archive) === CERTIFICATES) await writeCertificates(own, archive, join(temp, 'unpacked'), command);
        else layers.push(await writeLayer({ kind: 'package', archive }, blobs, true));
      }
      await writeFiles(own);
      layers.push(await writeLayer({ kind: 'folder', folder: own, at: './' }, blobs, true));
      const Env = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];
      Env.push(`SSL_CERT_FILE=/${CERTIFICATES_FILE}`);
      images.push({ architecture, layers, config: { Env, User: String(NONROOT), WorkingDir: '/home/nonroot' } });
    }
    await finishLayout(folder, images);
  },
};

const nameOf = (archive: string) => basename(archive).split('_')[0] ?? '';

/** dpkg's record of the package and its checksums, in a folder that dpkg does not know but scanners do. */
async function writeStatus(root: string, archive: string, command: Command): Promise<void> {
  const status = join(root, 'var/lib/dpkg/status.d');
  await mkdir(status, { recursive: true });
  const name = nameOf(archive);
  await writeFile(join(status, name), await command('dpkg-deb', ['--field', archive]));
  const control = `${archive}.control`;
  await command('dpkg-deb', ['--control', archive, control]);
  const sums = await readFile(join(control, 'md5sums'), 'utf8').catch(() => '');
  if (sums !== '') await writeFile(join(status, `${name}.md5sums`), sums);
}

/** Files that `update-ca-certificates` would make, and the licence. */
async function writeCertificates(root: string, archive: string, unpacked: string, command: Command): Promise<void> {
  await command('dpkg-deb', ['--extract', archive, unpacked]);
  const from = join(unpacked, 'usr/share/ca-certificates/mozilla');
  const texts = await Promise.all((await readdir(from)).toSorted().map((name) => readFile(join(from, name), 'utf8')));
  await write(root, CERTIFICATES_FILE, texts.join(''));
  const copyright = 'usr/share/doc/ca-certificates/copyright';
  await write(root, copyright, await readFile(join(unpacked, copyright), 'utf8'));
  await rm(unpacked, { recursive: true });
}

async function writeFiles(root: string): Promise<void> {
  await write(root, 'etc/passwd', PASSWD);
  await write(root, 'etc/group', GROUP);
  await write(root, 'etc/nsswitch.conf', 'hosts: files dns\n');
  await write(root, 'usr/lib/os-release', OS_RELEASE);
  await symlink('../usr/lib/os-release', join(root, 'etc/os-release'));
  const folders = { root: 0o700, 'home/nonroot': 0o700, tmp: 0o1777 };
  for (const [path, mode] of Object.entries(folders)) {
    await mkdir(join(root, path), { recursive: true });
    await chmod(join(root, path), mode);
  }
}

async function write(root: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}
