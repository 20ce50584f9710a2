import { expect, test } from '@jest/globals';
import { readNetwork } from './network.ts';

test.each([
  ['10.0.0.0/8', 'https://10.1.2.3/tool.tar.gz', '10.0.0.0/8,10.1.2.3'],
  ['*.corp.test', 'https://mirror.corp.test/tool.tar.gz', '*.corp.test,mirror.corp.test'],
  ['corp.test', 'https://example.com/tool.tar.gz', 'corp.test'],
])('with NO_PROXY %j, @actions/http-client takes the way that Go would take to %s', async (NO_PROXY, url, expected) => {
  const env: NodeJS.ProcessEnv = { HTTPS_PROXY: 'http://proxy.test:3128', NO_PROXY };
  const network = readNetwork(env);
  network.alignActionsClient(url);
  expect(env.no_proxy ?? env.NO_PROXY).toBe(expected);
  const { HttpClient } = await import('@actions/http-client');
  const before = { ...process.env };
  try {
    Object.assign(process.env, env);
    const proxied = 'proxyOptions' in new HttpClient().getAgent(url);
    expect(proxied).toBe(network.proxies.proxyFor(new URL(url)) !== undefined);
  } finally {
    process.env = before;
  }
});
