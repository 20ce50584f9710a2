import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, link, mkdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { HostileCase } from './case.ts';
import { consume, type Parts, writeImage } from './image.ts';

const execute = promisify(execFile);

type Part = keyof Parts['paths'];
const PARTS: readonly Part[] = ['oci-layout', 'index.json', 'index', 'manifest', 'config', 'layer'];
const BLOBS: readonly Part[] = ['index', 'manifest', 'config', 'layer'];

/** Objects in the place of a file. `aside` is a path outside the layout. */
interface Harm {
  readonly name: string;
  readonly to: readonly Part[];
  readonly does: (path: string, aside: string) => Promise<unknown>;
}

const HARMS: readonly Harm[] = [
  { name: 'is missing', to: PARTS, does: (path) => rm(path) },
  {
    name: 'is a link to the same content',
    to: PARTS,
    does: async (path, aside) => {
      await rename(path, aside);
      await symlink(aside, path);
    },
  },
  { name: 'is a link to /dev/zero', to: PARTS, does: (path) => replace(path, () => symlink('/dev/zero', path)) },
  { name: 'is a link to a secret', to: PARTS, does: (path) => replace(path, () => symlink('/etc/passwd', path)) },
  { name: 'is a link to nothing', to: PARTS, does: (path) => replace(path, () => symlink('nothing', path)) },
  { name: 'is a link to itself', to: PARTS, does: (path) => replace(path, () => symlink(path, path)) },
  { name: 'is a FIFO', to: PARTS, does: (path) => replace(path, () => execute('mkfifo', [path])) },
  { name: 'is a folder', to: PARTS, does: (path) => replace(path, () => mkdir(path)) },
  { name: 'is a socket', to: PARTS, does: (path) => replace(path, () => leaveSocket(path)) },
  { name: 'has a second name', to: PARTS, does: (path, aside) => link(path, aside) },
  { name: 'is cut to nothing', to: PARTS, does: (path) => truncate(path, 0) },
  { name: 'is a terabyte of nothing', to: PARTS, does: (path) => truncate(path, 2 ** 40) },
  { name: 'is one byte short', to: BLOBS, does: async (path) => writeFile(path, (await readFile(path)).subarray(1)) },
  {
    name: 'is one byte long',
    to: BLOBS,
    does: async (path) => writeFile(path, Buffer.concat([await readFile(path), Buffer.from(' ')])),
  },
  {
    name: 'has one bit changed',
    to: BLOBS,
    does: async (path) => {
      const bytes = await readFile(path);
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      await writeFile(path, bytes);
    },
  },
  {
    name: 'is the bytes of another',
    to: BLOBS,
    does: async (path) => writeFile(path, Buffer.alloc((await readFile(path)).length, 0x20)),
  },
];

async function replace(path: string, make: () => Promise<unknown>): Promise<void> {
  await rm(path);
  await make();
}

/** A socket file outlives its server where that is ended without closing; `exclusive` close removes it, so it is moved. */
async function leaveSocket(path: string): Promise<void> {
  const server = createServer();
  const made = `${path.slice(0, 60)}.s`;
  server.listen(made);
  await once(server, 'listening');
  await rename(made, path);
  server.close();
}

const files: readonly HostileCase[] = HARMS.flatMap(({ name, to, does }) =>
  to.map((part) => ({
    name: `a layout whose ${part} ${name}`,
    run: async (folder: string) => {
      const parts = await writeImage(join(folder, 'layout'));
      await does(parts.paths[part], join(folder, 'aside'));
      await consume(parts.folder);
    },
  })),
);

const FOLDERS: readonly (readonly [name: string, does: (folder: string, aside: string) => Promise<unknown>])[] = [
  ['is not there', (folder) => rm(folder, { recursive: true })],
  [
    'is a file',
    async (folder) => {
      await rm(folder, { recursive: true });
      await writeFile(folder, '{}');
    },
  ],
  [
    'is a link to a layout',
    async (folder, aside) => {
      await rename(folder, aside);
      await symlink(aside, folder);
    },
  ],
  [
    'is a FIFO',
    async (folder) => {
      await rm(folder, { recursive: true });
      await execute('mkfifo', [folder]);
    },
  ],
  ['has no blobs', (folder) => rm(join(folder, 'blobs'), { recursive: true })],
  [
    'has blobs of another algorithm only',
    (folder) => rename(join(folder, 'blobs/sha256'), join(folder, 'blobs/sha512')),
  ],
  [
    'has a link for blobs',
    async (folder, aside) => {
      await rename(join(folder, 'blobs'), aside);
      await symlink(aside, join(folder, 'blobs'));
    },
  ],
  [
    'has a link for blobs/sha256',
    async (folder, aside) => {
      await rename(join(folder, 'blobs/sha256'), aside);
      await symlink(aside, join(folder, 'blobs/sha256'));
    },
  ],
  [
    'has a link to / for blobs',
    async (folder) => {
      await rm(join(folder, 'blobs'), { recursive: true });
      await symlink('/', join(folder, 'blobs'));
    },
  ],
  [
    'has a file for blobs',
    async (folder) => {
      await rm(join(folder, 'blobs'), { recursive: true });
      await writeFile(join(folder, 'blobs'), '');
    },
  ],
  [
    'is a tar archive',
    async (folder, aside) => {
      await rename(folder, aside);
      await execute('tar', ['-C', aside, '-cf', folder, '.']);
    },
  ],
];

const folders: readonly HostileCase[] = FOLDERS.map(([name, does]) => ({
  name: `a layout that ${name}`,
  run: async (folder) => {
    const { folder: layout } = await writeImage(join(folder, 'layout'));
    await does(layout, join(folder, 'aside'));
    await consume(layout);
  },
}));

/** A superuser reads everything: then there is nothing to see. */
const unreadable: readonly HostileCase[] =
  process.getuid?.() === 0
    ? []
    : PARTS.map((part) => ({
        name: `a layout whose ${part} may not be read`,
        run: async (folder) => {
          const { paths, folder: layout } = await writeImage(join(folder, 'layout'));
          await chmod(paths[part], 0);
          await consume(layout);
        },
      }));

const MARKERS = [
  '',
  'null',
  '[]',
  '"1.0.0"',
  '{}',
  '{"imageLayoutVersion":1}',
  '{"imageLayoutVersion":"1.0.1"}',
  '{"imageLayoutVersion":"1.0.0\\u0000"}',
  '{"imageLayoutVersion":"2.0.0","imageLayoutVersion":"1.0.0"}',
  '\ufeff{"imageLayoutVersion":"1.0.0"}',
  `{"imageLayoutVersion":"1.0.0"}${' '.repeat(5000)}`,
];

const markers: readonly HostileCase[] = MARKERS.map((text) => ({
  name: `a layout whose oci-layout says ${JSON.stringify(text.slice(0, 60))}`,
  run: async (folder) => {
    const { paths, folder: layout } = await writeImage(join(folder, 'layout'));
    await writeFile(paths['oci-layout'], text);
    await consume(layout);
  },
}));

export const LAYOUTS: readonly HostileCase[] = [...files, ...folders, ...unreadable, ...markers];
