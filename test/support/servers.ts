import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { killWithUs, serveFolder } from '@tidegate/testkit';
import { type BuildkitConfig, startBuildkit, toolAt } from '@tidegate/tools';
import { SILENT } from './silent.ts';

/** A server that runs until it is disposed of. */
export interface Server extends AsyncDisposable {
  readonly address: string;
  /** If it is a separate process. */
  readonly pid?: number | undefined;
}

export async function startOlareg(program: string): Promise<Server> {
  const port = await freePort();
  const argv = ['serve', '--addr', '127.0.0.1', '--port', `${port}`, '--store-type', 'mem', '--api-delete'];
  return startHttp(program, argv, `127.0.0.1:${port}`);
}

/** An S3 server in memory, with an empty bucket. It accepts every signature. */
export async function startS3Server(program: string, bucket: string): Promise<Server> {
  const address = `127.0.0.1:${await freePort()}`;
  return startHttp(program, ['-backend', 'memory', '-host', address, '-initialbucket', bucket, '-quiet'], address);
}

export async function startDockerRegistry(folder: string): Promise<Server> {
  const address = `127.0.0.1:${await freePort()}`;
  await mkdir(folder, { recursive: true });
  const config = join(folder, 'config.yml');
  // JSON is YAML.
  const settings = {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'storage') } },
    http: { addr: address },
  };
  await writeFile(config, JSON.stringify(settings));
  return startHttp('docker-registry', ['serve', config], address);
}

/** @returns the value for db-mirror */
export async function serveDatabase(folder: string): Promise<Server> {
  const { url, close } = await serveFolder(folder);
  return { address: url, [Symbol.asyncDispose]: close };
}

export async function startBuildkitd(tools: string, folder: string, config?: BuildkitConfig): Promise<Server> {
  const daemon = await startBuildkit({
    tool: toolAt('buildkitd', join(tools, 'buildkitd')),
    folder,
    env: { PATH: process.env.PATH },
    workspace: folder,
    uid: process.getuid?.() ?? 1000,
    log: SILENT,
    config,
  });
  return { address: daemon.address, [Symbol.asyncDispose]: () => daemon.stop() };
}

async function startHttp(program: string, argv: readonly string[], address: string): Promise<Server> {
  const child = spawn(program, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  child.on('error', (error) => said.push(error.message));
  killWithUs(child);
  const deadline = Date.now() + 20_000;
  while (!(await answers(`http://${address}/v2/`))) {
    if (child.exitCode === null && child.pid !== undefined && Date.now() < deadline) {
      await wait(20);
      continue;
    }
    child.kill('SIGKILL');
    throw new Error(`${program} did not answer on ${address}. It said:\n${said.join('')}`);
  }
  return {
    address,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      await ended(child);
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

/** Free a moment ago: these programs cannot report the port that they use. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
