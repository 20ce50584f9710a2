import { execFile } from 'node:child_process';
import { copyFile, link, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from '@tidegate/testkit';
import { GOLANG as GOLANG_BASE, madeBase } from '../demo/bases/made.ts';
import { commandRunner } from '../demo/command.ts';
import { buildApp } from '../support/app.ts';
import { debian } from './debian.ts';

const run = promisify(execFile);
/** The example that users copy: a web service. */
const SOURCE = fileURLToPath(new URL('../../examples/app', import.meta.url));

/** The commit of a chain. */
export interface Checkout {
  readonly folder: string;
  /** NAME=PLACE of base images that no registry has here. */
  readonly contexts: readonly string[];
  /** Empty: the builder's own. */
  readonly platforms: readonly string[];
}

const CACHED = `FROM scratch AS debian
ADD debian.tar /
FROM debian
COPY app /usr/local/bin/app
USER 65532
ENTRYPOINT ["/usr/local/bin/app"]
`;

/** A commit whose Dockerfile puts a Go program onto Debian's smallest system: about 200 MB. */
export async function makeCommit(folder: string, say: (line: string) => void): Promise<Checkout> {
  const place = join(folder, 'workspace');
  const app = await buildApp(join(folder, 'app'), 'go.mod');
  await mkdir(place);
  await copyFile(join(app, 'app-linux-amd64'), join(place, 'app'));
  const tar = await debian(say);
  await link(tar, join(place, 'debian.tar')).catch(() => copyFile(tar, join(place, 'debian.tar')));
  await writeFile(join(place, 'Dockerfile'), CACHED);
  await writeFile(join(place, '.gitignore'), 'debian.tar\n');
  await commit(place, 'One commit');
  return { folder: place, contexts: [], platforms: [] };
}

const GOLANG = 'golang:1.26-bookworm';
const DEBIAN = 'debian:bookworm';
const COMPILED = `FROM ${GOLANG} AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -mod=vendor -o /out/app .
FROM ${DEBIAN}
COPY --from=build /out/app /usr/local/bin/app
USER 65532
ENTRYPOINT ["/usr/local/bin/app"]
`;

/**
 * A web service as source, which the Dockerfile compiles and puts onto the same Debian. Its modules come along: BuildKit
 * fetches nothing.
 */
export async function makeSources(folder: string, buildx: Buildx, say: (line: string) => void): Promise<Checkout> {
  const place = join(folder, 'sources');
  await mkdir(place);
  for (const file of await readdir(SOURCE)) {
    if (/(?<!_test)\.go$|^go\.(mod|sum)$/.test(file)) await copyFile(join(SOURCE, file), join(place, file));
  }
  const env = { ...process.env, GOFLAGS: '-mod=mod' };
  await run('go', ['mod', 'vendor'], { cwd: place, env });
  await writeFile(join(place, 'Dockerfile'), COMPILED);
  const never = new AbortController().signal;
  const bases = join(cacheFolder(), 'demo', 'bases');
  const golang = await madeBase(GOLANG, GOLANG_BASE, ['amd64'], bases, commandRunner(never));
  const system = await debianLayout(folder, buildx, say);
  return {
    folder: place,
    contexts: [`${GOLANG}=oci-layout://${golang.folder}:latest`, `${DEBIAN}=oci-layout://${system}:latest`],
    platforms: [],
  };
}

/** A change that has to be compiled. */
export async function changeSources({ folder }: Checkout, turn: number): Promise<void> {
  await writeFile(join(folder, 'turn.go'), `package main\n\nconst turn = ${turn}\n`);
  await commit(folder, `Change ${turn}`);
}

type Buildx = (argv: readonly string[]) => Promise<void>;

/** Debian's smallest system as a registry would give it: one layer, compressed already. */
async function debianLayout(folder: string, buildx: Buildx, say: (line: string) => void): Promise<string> {
  const context = join(folder, 'debian');
  const layout = join(folder, 'debian-layout');
  await mkdir(context);
  const tar = await debian(say);
  await link(tar, join(context, 'debian.tar')).catch(() => copyFile(tar, join(context, 'debian.tar')));
  await writeFile(join(context, 'Dockerfile'), 'FROM scratch\nADD debian.tar /\n');
  const output = `type=oci,dest=${layout},tar=false`;
  await buildx(['build', '--provenance=false', '-t', DEBIAN.replace(/:.*/, ':latest'), '--output', output, context]);
  return layout;
}

/** Commits all files as they are, and tags the commit `v1.0.0`. */
export async function commit(place: string, message: string): Promise<void> {
  const git = (...argv: string[]) =>
    run('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org', ...argv], { cwd: place });
  if (!(await stat(join(place, '.git')).catch(() => undefined))) await git('init', '-q', '-b', 'main');
  await git('add', '-A');
  await git('commit', '-qm', message);
  await git('tag', '-f', 'v1.0.0');
}
