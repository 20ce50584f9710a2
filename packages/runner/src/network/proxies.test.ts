import { describe, expect, test } from '@jest/globals';
import { readProxies } from './proxies.ts';

const both = { HTTP_PROXY: 'http://proxy.test:3128', HTTPS_PROXY: 'http://secure-proxy.test:3128' };
const ways = (env: Record<string, string>, url: string) => readProxies(env).proxyFor(new URL(url))?.host ?? 'direct';

// test/inputs/proxies.e2e.ts compares the same reader with Go's own.
describe('NO_PROXY', () => {
  test.each([
    ['corp.test', 'https://registry.corp.test', 'direct'],
    ['corp.test', 'https://corp.test', 'direct'],
    ['corp.test', 'https://notcorp.test', 'proxy'],
    ['.corp.test', 'https://corp.test', 'proxy'],
    ['.corp.test', 'https://registry.corp.test', 'direct'],
    ['*.corp.test', 'https://registry.corp.test', 'direct'],
    ['*.corp.test', 'https://corp.test', 'proxy'],
    ['other.test, Corp.Test', 'https://REGISTRY.corp.test', 'direct'],
    ['10.0.0.0/8', 'https://10.1.2.3', 'direct'],
    ['10.0.0.0/8', 'https://11.1.2.3', 'proxy'],
    ['10.1.2.3', 'https://10.1.2.3:5000', 'direct'],
    ['10.1.2.3:5000', 'https://10.1.2.3', 'proxy'],
    ['2001:db8::/32', 'https://[2001:db8::1]', 'direct'],
    ['[2001:db8::1]:443', 'https://[2001:db8::1]', 'direct'],
    ['2.3', 'https://10.1.2.3', 'proxy'],
    ['corp.test:5000', 'https://corp.test', 'proxy'],
    ['corp.test:5000', 'https://registry.corp.test:5000', 'direct'],
    ['bücher.test', 'https://bücher.test', 'direct'],
    ['*', 'https://corp.test', 'direct'],
    ['a.test,*', 'https://corp.test', 'direct'],
    ['', 'https://corp.test', 'proxy'],
    [' , ,', 'https://corp.test', 'proxy'],
    ['', 'https://localhost:5000', 'direct'],
    ['', 'https://127.8.9.10', 'direct'],
    ['', 'https://[::1]', 'direct'],
  ])('%j for %s: %s', (NO_PROXY, url, expected) => {
    expect(ways({ ...both, NO_PROXY }, url)).toBe(expected === 'proxy' ? 'secure-proxy.test:3128' : 'direct');
  });
});

describe('a proxy', () => {
  test('is chosen by the scheme of the request', () => {
    expect(ways(both, 'http://corp.test')).toBe('proxy.test:3128');
    expect(ways({ HTTP_PROXY: 'http://proxy.test:3128' }, 'https://corp.test')).toBe('direct');
    expect(ways({}, 'https://corp.test')).toBe('direct');
  });

  test('is read from the lower-case variable first, and then from the upper-case one', () => {
    expect(ways({ https_proxy: 'http://lower.test:1', HTTPS_PROXY: 'http://upper.test:2' }, 'https://corp.test')).toBe(
      'lower.test:1',
    );
    expect(ways({ HTTPS_PROXY: 'http://upper.test:2', no_proxy: 'other.test' }, 'https://corp.test')).toBe(
      'upper.test:2',
    );
    expect(ways({ https_proxy: 'http://lower.test:1', no_proxy: 'corp.test' }, 'https://corp.test')).toBe('direct');
  });

  test('may be named without a scheme', () => {
    expect(ways({ HTTPS_PROXY: 'proxy.test:3128' }, 'https://corp.test')).toBe('proxy.test:3128');
    expect(
      readProxies({ HTTPS_PROXY: 'user:pass@proxy.test:3128' }).proxyFor(new URL('https://corp.test')),
    ).toMatchObject({
      username: 'user',
      password: 'pass',
    });
  });

  test.each(['socks5://user:hunter2@proxy.test:1080', 'http://user:hunter2@proxy.test:port'])(
    'that cannot be used is an error for the requests that need it, without its password (%#)',
    (HTTPS_PROXY) => {
      const proxies = readProxies({ HTTPS_PROXY, NO_PROXY: 'corp.test' });
      expect(proxies.proxyFor(new URL('https://corp.test'))).toBeUndefined();
      const failure = (() => {
        try {
          return proxies.proxyFor(new URL('https://example.com'));
        } catch (error) {
          return error;
        }
      })();
      expect(failure).toMatchObject({ kind: 'bad-input', message: expect.stringContaining('HTTPS_PROXY') });
      expect(String(failure)).not.toContain('hunter2');
    },
  );
});
