/**
 * `pack.mjs COMMIT FOLDER` writes the files that a release attests: `tidegate.tar`, the tree of that commit as git and
 * GitHub deliver it to users of the actions by tag, and `checksums.txt`, the SHA-256 of the archive and of every file
 * in it that a runner executes. Nothing from a work tree is included, and no package is needed: only Node and git.
 *
 * The archive is compared with the tree, blob by blob: with an attribute such as export-ignore, export-subst or eol,
 * git would deliver something else than the commit contains.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const PREFIX = 'tidegate/';
const BLOCK = 512;
const MOST_BYTES = 1024 ** 3;
/** Limit of one attestation (actions/attest). */
const MOST_SUBJECTS = 1024;
/** The targets of `uses:`: actions with their bundles, and the reusable workflows. */
const EXECUTED =
  /^(action\.yml|actions\/[^/]+\/action\.yml|dist\/.+|\.github\/workflows\/(commit-to-registry|publish)\.yml)$/s;

/** @returns the checksums, by the name of the file */
function pack(repository, commit, folder) {
  if (!/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(commit)) throw new Error(`${commit} is not a whole commit id.`);
  const tree = treeOf(repository, commit);
  // With the commit, not its tree: files then have the time of the commit, and the bytes are the same each time.
  const archive = git(repository, ['archive', '--format=tar', `--prefix=${PREFIX}`, commit]);
  const files = filesIn(archive);
  const problems = differences(tree, files, commit.length === 40 ? 'sha1' : 'sha256');
  if (problems.length > 0) throw new Error(`The archive is not the tree of ${commit}:\n${problems.join('\n')}`);
  const executed = [...files].filter(([path]) => EXECUTED.test(path));
  if (executed.length > MOST_SUBJECTS - 1)
    throw new Error(`${executed.length} files are more than an attestation names.`);
  if (!executed.some(([path]) => path.startsWith('dist/'))) throw new Error(`${commit} has no bundle below dist/.`);
  const unwritable = executed.find(([path]) => /[\n\r\\]/.test(path));
  if (unwritable) throw new Error(`${JSON.stringify(unwritable[0])} cannot be written into a list of checksums.`);
  const checksums = new Map([['tidegate.tar', sha256(archive)]]);
  for (const [path, { content }] of executed.toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    checksums.set(`${PREFIX}${path}`, sha256(content));
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'tidegate.tar'), archive);
  // In the format of sha256sum.
  const lines = [...checksums].map(([name, digest]) => `${digest}  ${name}\n`);
  writeFileSync(join(folder, 'checksums.txt'), lines.join(''));
  return checksums;
}

/** Ignores the settings of the machine and the checkout: they change neither line ends nor modes. */
function git(repository, argv) {
  const settings = ['core.autocrlf=false', 'core.eol=lf', 'core.attributesFile=/dev/null', 'tar.umask=0022'];
  return execFileSync('git', [...settings.flatMap((setting) => ['-c', setting]), ...argv], {
    cwd: repository,
    env: { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', TZ: 'UTC', LC_ALL: 'C' },
    maxBuffer: MOST_BYTES,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Mode and object id by path, from `git ls-tree`. */
function treeOf(repository, commit) {
  const listed = git(repository, ['ls-tree', '-r', '-z', '--full-tree', commit]).toString('utf8');
  const entries = listed.split('\0').filter(Boolean);
  return new Map(
    entries.map((entry) => {
      const [, mode, type, id, path] = /^(\d{6}) (\w+) ([0-9a-f]+)\t(.*)$/s.exec(entry) ?? [];
      if (type !== 'blob') throw new Error(`${path ?? entry} is a ${type}: users by tag would get an empty folder.`);
      return [path, { mode, id }];
    }),
  );
}

const FILE = '0';
const LINK = '2';

/**
 * The files of a tar as git writes it (pax): if a path or a link's target is too long, a header before it contains it.
 */
function filesIn(archive) {
  const files = new Map();
  let long = {};
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const text = (from, length) =>
      header
        .subarray(from, from + length)
        .toString('utf8')
        .split('\0', 1)[0];
    const size = Number.parseInt(text(124, 12), 8);
    const type = text(156, 1) || FILE;
    const content = archive.subarray(at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    if (type === 'g') continue;
    if (type === 'x') {
      long = paxRecords(content);
      continue;
    }
    const short = [text(345, 155), text(0, 100)].filter(Boolean).join('/');
    const path = long.path ?? short;
    const target = long.linkpath ?? text(157, 100);
    long = {};
    if (type === '5') continue;
    if (!path.startsWith(PREFIX)) throw new Error(`The archive has ${path} outside of ${PREFIX}.`);
    const isLink = type === LINK;
    if (type !== FILE && !isLink) throw new Error(`The archive has ${path}, of the unknown type ${type}.`);
    const mode = isLink ? '120000' : Number.parseInt(text(100, 8), 8) & 0o100 ? '100755' : '100644';
    files.set(path.slice(PREFIX.length), { mode, content: isLink ? Buffer.from(target) : content });
  }
  return files;
}

/** `LENGTH KEY=VALUE\n`; the length is in bytes and includes itself. */
function paxRecords(content) {
  const records = {};
  for (let at = 0; at < content.length; ) {
    const length = Number.parseInt(content.subarray(at, at + 20).toString('latin1'), 10);
    const [, key, value] = /^\d+ ([^=]+)=(.*)\n$/s.exec(content.subarray(at, at + length).toString('utf8')) ?? [];
    if (key === undefined) throw new Error('The archive has a pax header that cannot be read.');
    records[key] = value;
    at += length;
  }
  return records;
}

function differences(tree, files, algorithm) {
  const problems = [];
  for (const [path, { mode, id }] of tree) {
    const file = files.get(path);
    if (file === undefined) problems.push(`${path} is missing.`);
    else if (objectId(file.content, algorithm) !== id) problems.push(`${path} has other bytes.`);
    else if (file.mode !== mode) problems.push(`${path} has mode ${file.mode}, not ${mode}.`);
  }
  for (const path of files.keys()) if (!tree.has(path)) problems.push(`${path} is not in the tree.`);
  return problems;
}

function objectId(content, algorithm) {
  return createHash(algorithm).update(`blob ${content.length}\0`).update(content).digest('hex');
}

function sha256(content) {
  return createHash('sha256').update(content).digest('hex');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [commit = '', folder = ''] = process.argv.slice(2);
  if (folder === '') throw new Error('Usage: pack.mjs COMMIT FOLDER');
  const checksums = pack(process.cwd(), commit, folder);
  console.log(`${checksums.get('tidegate.tar')}  tidegate.tar, and ${checksums.size - 1} files that a runner executes`);
}
