/**
 * The gate against the public Go vulnerability database, with a program that links one vulnerable function of each of
 * some forty real modules. What is expected is worked out here from the database's own records and Go's own tools: which
 * versions are affected (OSV ranges), and whether one of the functions that a record names is in the program (go tool nm).
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { blockingFindings, digestOf, effectivePolicy, type Finding, hexOf, type Verdict } from '@tidegate/core';
import { judge, openTarget, type Services, sbom, scan, TRUST_NONE, updateDatabase } from '@tidegate/pipeline';
import { serveFolder, toolsFolder, vulnerabilityDatabase } from '@tidegate/testkit';
import { childContexts, createToolbox, hostPlatform, run } from '@tidegate/tools';

const exec = promisify(execFile);
const PROGRAM = fileURLToPath(new URL('./go-advisories', import.meta.url));
const DATABASE = fileURLToPath(new URL('../../packages/testkit/go/go-vulnerabilities', import.meta.url));
const LARGE = { maxBuffer: 256 << 20 };

let folder: string;
let expected: ReadonlySet<string>;
/** Advisories that would apply if the standard library's own copies of modules were these modules. */
let ofCopies: ReadonlySet<string>;
let modules: ReadonlySet<string>;
let findings: readonly Finding[];
let verdict: Verdict;
const open = new AsyncDisposableStack();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-go-advisories-'));
  open.defer(() => rm(folder, { recursive: true, force: true }));
  const program = join(folder, 'app');
  const env = { ...process.env, CGO_ENABLED: '0', GOOS: 'linux', GOARCH: 'amd64', GOFLAGS: '-mod=readonly' };
  await exec('go', ['build', '-trimpath', '-buildvcs=false', '-o', program, '.'], { cwd: PROGRAM, env, ...LARGE });
  const { stdout } = await exec('go', ['mod', 'download', '-json', 'golang.org/x/vulndb'], { cwd: DATABASE, ...LARGE });
  const records = join((JSON.parse(stdout) as { Dir: string }).Dir, 'data/osv');
  ({ advisories: expected, modules } = await advisoriesOf(program, records, false));
  ({ advisories: ofCopies } = await advisoriesOf(program, records, true));
  const layout = await layoutOf(program, join(folder, 'layout'));
  ({ findings, verdict } = await judged(layout));
}, 1_800_000);

afterAll(() => open.disposeAsync());

test('the program has advisories in more than thirty real modules', () => {
  expect(modules.size).toBeGreaterThan(30);
  expect(expected.size).toBeGreaterThan(modules.size);
});

test('the gate names every advisory that the data says applies, and no other', () => {
  const found = new Set(findings.map(({ id }) => id));
  const more = [...found].filter((id) => !expected.has(id));
  expect([...expected].filter((id) => !found.has(id))).toEqual([]);
  // Syft notes functions of the standard library's own copies (vendor/golang.org/x/net) as those of the module, where the
  // program has the module, too. The gate then asks for an upgrade of the module that does no harm; nothing is missed.
  expect(more.filter((id) => !ofCopies.has(id))).toEqual([]);
  expect(more.length).toBeLessThanOrEqual(2);
});

test('and shuts for all that are without a severity or high, by the strict policy', () => {
  const { policy } = effectivePolicy({ version: 1, preset: 'strict' });
  const blockers = blockingFindings(policy, findings, new Date());
  expect(blockers.length).toBeGreaterThan(30);
  const failed = verdict.rules.filter(({ outcome }) => outcome === 'fail').map(({ rule }) => rule);
  expect(new Set(failed)).toEqual(new Set(['severity-threshold', 'severity-unknown']));
  const count = findings.filter(({ severity }) => severity === 'unknown').length;
  expect(verdict.rules.find(({ rule }) => rule === 'severity-unknown')?.why).toContain(
    `${count} findings without a severity`,
  );
});

interface Osv {
  readonly id: string;
  readonly withdrawn?: string;
  readonly affected: readonly {
    readonly package: { readonly name: string };
    readonly ranges?: readonly {
      readonly type: string;
      readonly events: readonly { introduced?: string; fixed?: string }[];
    }[];
    readonly ecosystem_specific?: {
      readonly imports?: readonly {
        path: string;
        symbols?: readonly string[];
        goos?: readonly string[];
        goarch?: readonly string[];
      }[];
    };
  }[];
}

async function advisoriesOf(program: string, records: string, copies: boolean) {
  const { stdout: about } = await exec('go', ['version', '-m', program], LARGE);
  const versions = new Map<string, string>([['stdlib', /: go(\S+)/.exec(about)?.[1] ?? '']]);
  for (const [, name = '', version = ''] of about.matchAll(/^\tdep\t(\S+)\tv(\S+)/gm)) versions.set(name, version);
  const linked = symbolsIn((await exec('go', ['tool', 'nm', program], LARGE)).stdout, copies);
  const advisories = new Set<string>();
  const modules = new Set<string>();
  for (const file of await readdir(records)) {
    if (!/^GO-.*\.json$/.test(file)) continue;
    const record: Osv = JSON.parse(await readFile(join(records, file), 'utf8'));
    if (record.withdrawn) continue;
    for (const {
      package: { name },
      ranges = [],
      ecosystem_specific: { imports = [] } = {},
    } of record.affected) {
      const version = versions.get(name);
      if (version === undefined || !ranges.some(({ type, events }) => type === 'SEMVER' && within(version, events)))
        continue;
      const here = imports.filter(
        (each) => (each.goos?.includes('linux') ?? true) && (each.goarch?.includes('amd64') ?? true),
      );
      const reached = here.some(({ path, symbols = [] }) => {
        const there = linked.get(path);
        return there !== undefined && (symbols.length === 0 || symbols.some((symbol) => there.has(symbol)));
      });
      if (imports.length === 0 || reached) {
        advisories.add(record.id);
        modules.add(name);
      }
    }
  }
  return { advisories, modules };
}

/** `path.Func`, `path.Type.Method`, `path.(*Type).Method`; in the path's last part dots are written %2e. */
function symbolsIn(nm: string, copies: boolean): ReadonlyMap<string, ReadonlySet<string>> {
  const symbols = new Map<string, Set<string>>();
  for (const line of nm.split('\n')) {
    const name = line
      .trim()
      .split(/\s+/)
      .slice(2)
      .join(' ')
      .replace(/\[.*\]/, '');
    const slash = name.lastIndexOf('/', name.indexOf('(') < 0 ? name.length : name.indexOf('('));
    const dot = name.indexOf('.', slash + 1);
    if (dot < 0) continue;
    const path = name
      .slice(0, dot)
      .replaceAll('%2e', '.')
      .replace(copies ? /^vendor\// : /^$/, '');
    const symbol = name.slice(dot + 1).replace(/^\(\*?([^)]+)\)/, '$1');
    const known = symbols.get(path) ?? new Set();
    symbols.set(path, known.add(symbol));
  }
  return symbols;
}

/** OSV 1.6, "Evaluation": events in order, each from its version on. */
function within(version: string, events: readonly { introduced?: string; fixed?: string }[]): boolean {
  let affected = false;
  for (const { introduced, fixed } of events) {
    if (introduced !== undefined && compare(version, introduced) >= 0) affected = true;
    if (fixed !== undefined && compare(version, fixed) >= 0) affected = false;
  }
  return affected;
}

/** semver.org, 11: precedence. */
function compare(a: string, b: string): number {
  const [[aCore = '', ...aPre], [bCore = '', ...bPre]] = [a, b].map((text) =>
    (text.split('+')[0] ?? '').split('-'),
  ) as [string[], string[]];
  const cores = parts(aCore.split('.'), bCore.split('.'));
  const [left, right] = [aPre.join('-'), bPre.join('-')];
  if (cores !== 0 || left === right) return cores;
  if (left === '' || right === '') return left === '' ? 1 : -1;
  return parts(left.split('.'), right.split('.'));
}

function parts(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const [left, right] = [a[at], b[at]];
    if (left === right) continue;
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    const numbers = [left, right].map((text) => /^\d+$/.test(text));
    if (numbers[0] && numbers[1]) return Number(left) - Number(right);
    if (numbers[0] !== numbers[1]) return numbers[0] ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return 0;
}

/** An image of one layer that holds the program alone. */
async function layoutOf(program: string, layout: string): Promise<string> {
  const blobs = join(layout, 'blobs/sha256');
  await mkdir(blobs, { recursive: true });
  const tar = join(folder, 'layer.tar');
  await exec('tar', ['--create', '--file', tar, '--directory', join(program, '..'), basename(program)]);
  const keep = async (bytes: Uint8Array, mediaType: string) => {
    const digest = digestOf(bytes);
    await writeFile(join(blobs, hexOf(digest)), bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const layer = await keep(await readFile(tar), 'application/vnd.oci.image.layer.v1.tar');
  const config = await keep(
    json({
      os: 'linux',
      architecture: 'amd64',
      config: { User: '65532' },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    }),
    'application/vnd.oci.image.config.v1+json',
  );
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = await keep(json({ schemaVersion: 2, mediaType, config, layers: [layer] }), mediaType);
  await writeFile(join(layout, 'index.json'), json({ schemaVersion: 2, manifests: [manifest] }));
  await writeFile(join(layout, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
  return layout;
}

async function judged(layout: string) {
  const quiet = () => {};
  const log: Services['log'] = {
    debug: quiet,
    info: quiet,
    notice: quiet,
    warning: quiet,
    mask: quiet,
    redact: (text) => text,
    group: (_title, work) => work(log),
  };
  const temp = join(folder, 'temp');
  await mkdir(temp, { recursive: true });
  const progress: Services['progress'] = { start: () => ({ advance: quiet, done: quiet }) };
  const { signal } = new AbortController();
  const tools = createToolbox({
    folder: await toolsFolder(),
    platform: hostPlatform(process.platform, process.arch),
    toolCache: join(folder, 'cache'),
    temp,
    log,
    progress,
    signal,
  });
  open.defer(() => tools.dispose());
  const children = childContexts({ env: process.env, folder: join(temp, 'children'), workspace: temp });
  const services: Services = { tools, run, log, progress, clock: () => new Date(), signal, temp, children };
  const server = await serveFolder((await vulnerabilityDatabase()).folder);
  open.defer(() => server.close());
  const database = { cache: join(folder, 'database'), mirrors: [server.url] };
  const found = await updateDatabase(database, services);
  const target = await openTarget(layout);
  const { policy } = effectivePolicy({ version: 1, preset: 'strict', evidence: { require: ['sbom', 'scan'] } });
  await sbom(target, { outputDir: join(folder, 'sbom'), name: 'advisories' }, services);
  const [scanned] = await scan(target, { policy, database: found, reportDir: join(folder, 'scan') }, services);
  const { contents: _, ...withoutContents } = policy;
  const { verdict } = await judge(target, withoutContents, TRUST_NONE, services);
  return { findings: scanned?.evidence.findings ?? [], verdict };
}
