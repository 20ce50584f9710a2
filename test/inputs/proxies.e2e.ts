/** Which requests go through a proxy: our reader of HTTP_PROXY, HTTPS_PROXY and NO_PROXY agrees with Go's own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readProxies } from '@tidegate/runner';
import { developerRun, devTools } from '@tidegate/testkit';

interface Case {
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
}

let program = '';
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proxy-rules-'));
  program = (await devTools(['proxy-rules'], { log: (line) => process.stderr.write(`${line}\n`) }))['proxy-rules'];
}, 1_200_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** @returns the chosen proxy as a URL, `direct`, or undefined where Go refuses the case */
async function goChooses(cases: readonly Case[]): Promise<(string | undefined)[]> {
  const file = join(folder, 'cases.json');
  await writeFile(file, JSON.stringify(cases));
  const { stdout } = await developerRun(program, [file], { timeout: 120_000 });
  const answers = JSON.parse(stdout) as { proxy: string; error?: string }[];
  return answers.map(({ proxy, error }) => {
    if (error !== undefined) return undefined;
    return proxy === '' ? 'direct' : new URL(proxy).href;
  });
}

function weChoose({ url, env }: Case): string {
  return readProxies(env).proxyFor(new URL(url))?.href ?? 'direct';
}

async function expectAgreement(cases: readonly Case[]): Promise<void> {
  const theirs = await goChooses(cases);
  const differing = cases.flatMap((one, at) =>
    theirs[at] === weChoose(one) ? [] : [{ ...one, go: theirs[at], ours: weChoose(one) }],
  );
  expect(differing).toEqual([]);
}

const PROXIES = { HTTP_PROXY: 'http://plain.test:1', HTTPS_PROXY: 'http://user:p%40ss@secure.test:2' };

const HOSTS = [
  ...['corp.test', 'registry.corp.test', 'a.b.corp.test', 'notcorp.test', 'corp.test.', 'xn--bcher-kva.test'],
  ...['10.1.2.3', '10.255.0.1', '11.1.2.3', '172.16.5.4', '[2001:db8::1]', '[2001:db9::1]', '[::ffff:10.1.2.3]'],
  ...['localhost', '127.0.0.1', '127.255.1.1', '[::1]', '[::ffff:127.0.0.1]', 'localhost.corp.test'],
];
const PORTS = ['', ':80', ':443', ':5000'];
const ENTRIES = [
  ...['corp.test', '.corp.test', '*.corp.test', 'CORP.Test', 'corp.test.', '.corp.test:5000', 'corp.test:443'],
  ...['corp.test:', ':5000', '*', '*corp.test', '*:5000', '.', 'registry.*', 'corp.test:http', 'a:b:c', ''],
  ...['10.0.0.0/8', '10.1.2.3/8', '10.1.2.3/32', '10.0.0.0/33', '10.0.0.0/', '10.0.0/8', '010.0.0.0/8', '10.0.0.0/08'],
  ...['10.1.2.3', '10.1.2.3:5000', '1.2.3', '.2.3', '10.1', '0.0.0.0/0', '::/0', '2001:db8::/32', '2001:DB8::1'],
  ...[
    '[2001:db8::1]',
    '[2001:db8::1]:443',
    '[2001:db8::1]:',
    '::ffff:10.1.2.3',
    '::ffff:10.0.0.0/104',
    '::ffff:a01:203',
  ],
  ...[
    'bücher.test',
    '.BÜCHER.test',
    'xn--bcher-kva.test',
    'localhost',
    '127.0.0.0/8',
    'http://corp.test',
    'corp.test/8',
  ],
];

test('for each entry alone, with each kind of host and port', async () => {
  const cases = ENTRIES.flatMap((NO_PROXY) =>
    HOSTS.flatMap((host) =>
      PORTS.flatMap((port) =>
        ['http', 'https'].map((scheme) => ({
          url: new URL(`${scheme}://${host}${port}/v2/`).href,
          env: { ...PROXIES, NO_PROXY },
        })),
      ),
    ),
  );
  await expectAgreement(cases);
});

test('for lists of entries, however they are spaced', async () => {
  const random = seeded(7);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const cases = Array.from({ length: 4000 }, () => ({
    url: new URL(`${pick(['http', 'https'])}://${pick(HOSTS)}${pick(PORTS)}`).href,
    env: {
      ...PROXIES,
      NO_PROXY: Array.from({ length: 1 + Math.floor(random() * 4) }, () => `${pick(['', ' '])}${pick(ENTRIES)}`).join(
        pick([',', ', ', ',,', ' ,']),
      ),
    },
  }));
  await expectAgreement(cases);
});

test('for the variables themselves: case, precedence, addresses without a scheme', async () => {
  const addresses = [
    'http://one.test:1',
    'https://two.test:2',
    'three.test:3',
    'four.test',
    'user:pass@five.test:5',
    '',
  ];
  const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'];
  const random = seeded(11);
  const cases = Array.from({ length: 1000 }, () => {
    const env: Record<string, string> = {};
    for (const name of names) if (random() < 0.6) env[name] = addresses[Math.floor(random() * addresses.length)] ?? '';
    if (random() < 0.3) env.NO_PROXY = 'corp.test';
    if (random() < 0.3) env.no_proxy = '.example';
    return { url: random() < 0.5 ? 'http://a.corp.test/' : 'https://b.example/', env };
  });
  await expectAgreement(cases);
});

/** mulberry32: the same numbers each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
