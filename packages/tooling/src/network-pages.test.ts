/** docs/networks.md: every entry of NO_PROXY matches as the page says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readProxies } from '@tidegate/runner';
import { ROOT } from './repository.ts';

const page = readFileSync(join(ROOT, 'docs/networks.md'), 'utf8');
const table = /<!-- table:no-proxy -->\n(.*?)<!-- \/table:no-proxy -->/s.exec(page)?.[1] ?? '';
const codes = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
const rows = table
  .split('\n')
  .slice(2)
  .filter(Boolean)
  .map((line) => line.split('|').slice(1, -1).map(codes));

test.each(rows)('NO_PROXY=%s', ([entry = ''] = [], direct = [], proxied = []) => {
  const { proxyFor } = readProxies({ HTTPS_PROXY: 'http://proxy.test:3128', NO_PROXY: entry });
  const isDirect = (host: string) => proxyFor(new URL(`https://${host}/`)) === undefined;
  expect(direct.length).toBeGreaterThan(0);
  expect(direct.filter((host) => !isDirect(host))).toEqual([]);
  expect(proxied.filter(isDirect)).toEqual([]);
});

test.each(['corp.*', '10.1.*'])('NO_PROXY=%s matches nothing', (entry) => {
  const { proxyFor } = readProxies({ HTTPS_PROXY: 'http://proxy.test:3128', NO_PROXY: entry });
  for (const host of ['corp.test', '10.1.2.3']) expect(proxyFor(new URL(`https://${host}/`))).toBeDefined();
});
