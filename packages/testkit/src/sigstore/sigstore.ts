import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { devTools } from '../programs/dev-tools.ts';
import { freePorts, Servers } from '../programs/servers.ts';
import type { Say } from '../waiting.ts';
import { makeSigstoreKeys } from './keys.ts';
import { GITLAB_CLAIMS, type OidcClaims, type OidcIssuer, startOidcIssuer } from './oidc-issuer.ts';
import { type SigstoreUrls, signingConfigOf, trustedRootOf } from './trust.ts';

export interface Sigstore extends AsyncDisposable {
  readonly urls: SigstoreUrls;
  readonly issuer: OidcIssuer;
  /** Behaves like GitLab's. */
  readonly gitlab: OidcIssuer;
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
    const gitlab = closing.use(await startOidcIssuer({}, GITLAB_CLAIMS));
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
    const issuers = {
      [issuer.url]: { IssuerURL: issuer.url, ClientID: 'sigstore', Type: 'github-workflow' },
      [gitlab.url]: { IssuerURL: gitlab.url, ClientID: 'sigstore', Type: 'gitlab-pipeline' },
    };
    await writeFile(file('fulcio.json'), JSON.stringify({ OIDCIssuers: issuers }));

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
      gitlab,
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
