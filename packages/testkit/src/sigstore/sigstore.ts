import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { killWithUs } from '../processes.ts';
import { devTools } from '../programs/dev-tools.ts';
import { developerEnvironment } from '../programs/developer.ts';
import type { Say } from '../waiting.ts';
import { makeSigstoreKeys } from './keys.ts';
import { type OidcClaims, type OidcIssuer, startOidcIssuer } from './oidc-issuer.ts';
import { type SigstoreUrls, signingConfigOf, trustedRootOf } from './trust.ts';

export interface Sigstore extends AsyncDisposable {
  readonly urls: SigstoreUrls;
  readonly issuer: OidcIssuer;
  /** Paths of `trusted_root.json` and `signing_config.json`. */
  readonly trustedRoot: string;
  readonly signingConfig: string;
  /** Includes its keys, for tests that forge signatures: see `makeSigstoreKeys`. */
  readonly folder: string;
  /** The servers' output so far. */
  printed(): string;
}

export interface SigstoreOptions {
  readonly log?: Say;
  /** Claims of tokens, instead of GITHUB_CLAIMS. */
  readonly claims?: OidcClaims;
  /**
   * How often the log publishes its tree, which every entry waits for. Default `100ms`, its minimum, so that tests are
   * fast; use `1s` for times like those of a public log.
   */
  readonly checkpoints?: '100ms' | '1s';
}

export const SIGSTORE_TOOLS = ['fulcio', 'rekor', 'tesseract', 'timestamps'] as const;

const HOST = '127.0.0.1';

/**
 * A complete private Sigstore: Fulcio, its certificate log (TesseraCT), Rekor v2, a timestamp authority, and a token
 * issuer that behaves like GitHub's. All on free ports of 127.0.0.1, with new keys. The first call on a machine builds
 * the servers, which takes minutes.
 */
export async function startSigstore(options: SigstoreOptions = {}): Promise<Sigstore> {
  const { log = () => {}, claims = {}, checkpoints = '100ms' } = options;
  const tools = await devTools(SIGSTORE_TOOLS, { log });
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-sigstore-'));
  const servers = new Servers();
  const closing = new AsyncDisposableStack();
  closing.defer(() => rm(folder, { recursive: true, force: true }));
  closing.defer(() => servers.stop());
  try {
    const keys = await makeSigstoreKeys(folder);
    const issuer = closing.use(await startOidcIssuer(claims));
    const ports = await freePorts(6);
    const [fulcio = 0, rekor = 0, rekorGrpc = 0, rekorMetrics = 0, ctLog = 0, timestamps = 0] = ports;
    const urls: SigstoreUrls = {
      fulcio: `http://${HOST}:${fulcio}`,
      rekor: `http://${HOST}:${rekor}`,
      ctLog: `http://${HOST}:${ctLog}`,
      timestamps: `http://${HOST}:${timestamps}/api/v1/timestamp`,
      issuer: issuer.url,
    };
    const file = (name: string) => join(folder, name);
    await mkdir(file('rekor'));
    await mkdir(file('ctlog'));
    const github = { IssuerURL: issuer.url, ClientID: 'sigstore', Type: 'github-workflow' };
    await writeFile(file('fulcio.json'), JSON.stringify({ OIDCIssuers: { [issuer.url]: github } }));

    servers.start(tools.tesseract, [
      ...['--private_key', file('ctlog.key'), '--origin', HOST, '--storage_dir', file('ctlog')],
      ...['--roots_pem_file', file('fulcio.pem'), '--ext_key_usages', 'CodeSigning'],
      ...['--http_endpoint', `${HOST}:${ctLog}`, '--checkpoint_interval', '1s', '--batch_max_age', '50ms'],
    ]);
    servers.start(tools.rekor, [
      ...['serve', '--http-address', HOST, '--http-port', `${rekor}`, '--grpc-address', HOST],
      ...['--grpc-port', `${rekorGrpc}`, '--http-metrics-port', `${rekorMetrics}`, '--hostname', HOST],
      ...['--storage-dir', file('rekor'), '--signer-filepath', file('rekor.key')],
      ...['--checkpoint-interval', checkpoints, '--batch-max-age', '100ms'],
    ]);
    servers.start(tools.timestamps, [
      ...['-port', `${timestamps}`, '-key', file('timestamps.key'), '-chain', file('timestamps.pem')],
    ]);
    servers.start(
      tools.fulcio,
      [
        ...['-address', `${HOST}:${fulcio}`, '-config', file('fulcio.json')],
        ...['-cert', file('fulcio.pem'), '-key', file('fulcio.key')],
        ...['-ct-log-url', urls.ctLog, '-ct-log-key', file('ctlog.pub')],
      ],
      { CA_PASSWORD: keys.caPassword },
    );
    await Promise.all([
      servers.answers(`${urls.fulcio}/api/v2/trustBundle`),
      servers.answers(`${urls.rekor}/healthz`),
      servers.answers(`${urls.ctLog}/ct/v1/get-roots`),
      servers.answers(`${urls.timestamps}/certchain`),
    ]);
    const start = new Date(Date.now() - 60_000);
    await writeFile(file('trusted_root.json'), JSON.stringify(trustedRootOf(keys, urls, start), undefined, 2));
    await writeFile(file('signing_config.json'), JSON.stringify(signingConfigOf(urls, start), undefined, 2));
    const stack = closing.move();
    return {
      urls,
      issuer,
      trustedRoot: file('trusted_root.json'),
      signingConfig: file('signing_config.json'),
      folder,
      printed: () => servers.printed,
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}

const PATIENCE_MS = 30_000;
const MAX_PRINTED = 1024 * 1024;

/** Child processes that end with this one. */
class Servers {
  readonly #children: { readonly name: string; readonly child: ChildProcess }[] = [];
  #printed = '';

  get printed(): string {
    return this.#printed;
  }

  start(program: string, argv: readonly string[], extra: Readonly<Record<string, string>> = {}): void {
    const env = developerEnvironment(extra);
    const name = basename(program);
    const child = spawn(program, argv, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#children.push({ name, child });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (bytes: Buffer) => {
        if (this.#printed.length < MAX_PRINTED) this.#printed += `${name}: ${bytes.toString('utf8')}`;
      });
    }
    killWithUs(child);
    child.once('error', (error) => {
      this.#printed += `${name}: ${error.message}\n`;
    });
  }

  /** Waits until `url` answers with 200. */
  async answers(url: string): Promise<void> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const dead = this.#children.find(({ child }) => child.exitCode !== null || child.signalCode !== null);
      if (dead) throw new Error(`${dead.name} ended at once:\n${this.#printed}`);
      const status = await fetch(url, { signal: AbortSignal.timeout(2000) }).then(
        async (response) => {
          await response.body?.cancel();
          return response.status;
        },
        () => 0,
      );
      if (status === 200) return;
      if (performance.now() > until) throw new Error(`${url} does not answer (${status}):\n${this.#printed}`);
      await after(20);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#children.map(async ({ child }) => {
        if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, 'exit');
        // They have nothing that needs a clean shutdown: the folder is deleted with them.
        child.kill('SIGKILL');
        await gone;
      }),
    );
  }
}

/** Different ports that were free a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const holders = await Promise.all(
    Array.from({ length: count }, async () => {
      const holder = createServer();
      holder.listen(0, HOST);
      await once(holder, 'listening');
      return holder;
    }),
  );
  return Promise.all(
    holders.map(async (holder) => {
      const address = holder.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      holder.close();
      await once(holder, 'close');
      return address.port;
    }),
  );
}
