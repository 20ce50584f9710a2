/**
 * Signing and attesting everything, keyless, against one Sigstore and one registry on loopback: an image of two
 * platforms, its index and both manifests, six statements about each.
 *   peers: `cosign sign` and five times `cosign attest` for each of the three, one after the other as a script does
 *   ours:  the action sign-image, then everything sent to the registry and read back
 * Both have the same certificate authority, log and timestamps. Command: `npm run bench -- sign`. Writes
 * test/bench/figures/sign.json.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readTrustedRoots } from '@tidegate/attest';
import { exact, MediaType, manifestsOf, parseReference } from '@tidegate/core';
import { type ImageLayout, Registry } from '@tidegate/oci';
import { devTools, runBundle, startSigstore } from '@tidegate/testkit';
import { evidenceImage, published } from '../interop/support/evidence-image.ts';
import { actionsFromSource } from '../support/actions.ts';
import { startOlareg } from '../support/servers.ts';
import { pairs, summary, writeFigures } from './figures.ts';

const run = promisify(execFile);
const RUNS = Number(process.env.BENCH_RUNS ?? 5);
const say = (line: string) => console.error(line);
/** BENCH_ACTIONS=folder: `sign-image/action.yml` there is what is run. */
const fromSource = process.env.TIDEGATE_E2E_FROM_SOURCE === '1';

const folder = await mkdtemp(join(tmpdir(), 'tidegate-bench-sign-'));
const cleanup = new AsyncDisposableStack();
cleanup.defer(() => rm(folder, { recursive: true, force: true }));
try {
  const tools = await devTools(['cosign', 'olareg'], { log: say });
  const sigstore = cleanup.use(await startSigstore({ log: say, checkpoints: '1s' }));
  const registry = cleanup.use(await startOlareg(tools.olareg));
  const actions =
    process.env.BENCH_ACTIONS ?? (fromSource ? await actionsFromSource(join(folder, 'actions')) : undefined);
  const roots = await readTrustedRoots(await readFile(sigstore.trustedRoot), sigstore.trustedRoot);
  const { job_workflow_ref: workflow } = JSON.parse(
    Buffer.from(sigstore.issuer.token('sigstore').split('.')[1] ?? '', 'base64url').toString(),
  );
  const identity = { issuer: exact(sigstore.issuer.url), subject: exact(`https://github.com/${workflow}`) };
  const seconds = async (work: () => Promise<unknown>) => {
    const started = performance.now();
    await work();
    return (performance.now() - started) / 1000;
  };

  const ours: number[] = [];
  const signing: number[] = [];
  const peers: number[] = [];
  for (let turn = 0; turn <= RUNS; turn += 1) {
    const mine = await evidenceImage(join(folder, `ours-${turn}`), `ours ${turn}`);
    const target = parseReference(`${registry.address}/bench/ours-${turn}`);
    const signed = await seconds(() => signImage(mine.layout.folder));
    const sent = await seconds(() =>
      published(mine, new Registry(target, {}), { publicKeys: [], identities: [identity], roots }),
    );

    const theirs = await evidenceImage(join(folder, `theirs-${turn}`), `theirs ${turn}`);
    const image = `${registry.address}/bench/theirs-${turn}`;
    const calls = await cosignCalls(theirs.layout, manifestsOf(theirs.image), image);
    // Only the image is there already: what cosign signs must be.
    for (const one of calls.statements) await theirs.layout.unlist(one);
    await published(theirs, new Registry(parseReference(image), {}), { publicKeys: [] });
    const other = await seconds(async () => {
      for (const argv of calls.argv) await cosign(argv);
    });
    say(
      `${turn === 0 ? 'warm-up' : `run ${turn}`}: ours ${signed.toFixed(2)} + ${sent.toFixed(2)} s, cosign ${other.toFixed(2)} s`,
    );
    if (turn === 0) continue;
    signing.push(signed);
    ours.push(signed + sent);
    peers.push(other);
  }
  await writeFigures('sign', {
    command: 'npm run bench -- sign',
    ...(process.env.BENCH_ACTIONS ? { note: 'the action ran from a bundle that was made apart from dist/' } : {}),
    ...(fromSource ? { note: 'the action ran from its sources, not from its bundle' } : {}),
    runs: RUNS,
    'statements signed, by each': 18,
    'ours, signed, sent and read back, seconds': summary(ours),
    'ours, sign-image alone, seconds': summary(signing),
    'cosign, seconds': summary(peers),
    ratio: summary(pairs(ours, peers)),
  });

  async function signImage(layout: string): Promise<void> {
    const temp = await mkdtemp(join(folder, 'job-'));
    const result = await runBundle({
      action: actions ? join(actions, 'sign-image', 'action.yml') : 'sign-image',
      inputs: { layout, 'signing-config': sigstore.signingConfig, 'trusted-root': sigstore.trustedRoot },
      temp,
      workspace: temp,
      env: {
        ACTIONS_ID_TOKEN_REQUEST_URL: sigstore.issuer.requestUrl,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: sigstore.issuer.requestToken,
      },
    });
    if (result.exitCode !== 0) throw new Error(`sign-image failed:\n${result.log.join('\n')}`);
  }

  /** The work of a script: the same statements' predicates from files, for each subject. */
  async function cosignCalls(layout: ImageLayout, subjects: ReturnType<typeof manifestsOf>, image: string) {
    const argv: string[][] = [];
    const statements = [];
    const token = join(folder, 'token');
    const services = ['--signing-config', sigstore.signingConfig, '--trusted-root', sigstore.trustedRoot, '--yes'];
    const common = ['--identity-token', token, ...services];
    for (const { digest } of subjects) {
      const reference = `${image}@${digest}`;
      argv.push(['sign', ...common, reference]);
      for (const referrer of await layout.referrers(digest, MediaType.inToto)) {
        statements.push(referrer);
        const manifest = JSON.parse((await layout.fetchBytes(referrer)).toString());
        const statement = JSON.parse((await layout.fetchBytes(manifest.layers[0])).toString());
        const predicate = join(folder, `predicate-${argv.length}.json`);
        await writeFile(predicate, JSON.stringify(statement.predicate));
        argv.push(['attest', '--predicate', predicate, '--type', statement.predicateType, ...common, reference]);
      }
    }
    return { argv, statements };
  }

  async function cosign(argv: readonly string[]): Promise<void> {
    await writeFile(join(folder, 'token'), sigstore.issuer.token('sigstore'));
    await run(tools.cosign, [...argv], { env: { HOME: folder, PATH: '' }, maxBuffer: 1 << 26 });
  }
} finally {
  await cleanup.disposeAsync();
}
