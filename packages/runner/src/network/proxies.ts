import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { type Proxies, TidegateError } from '@tidegate/core';

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };
const NEXT = 'Use an http:// or https:// proxy, such as http://proxy.example.com:3128.';

/** Whether an entry of NO_PROXY names this host and port. `family` is 0 for a name. */
type Matcher = (host: string, port: string, family: 0 | 4 | 6) => boolean;

/**
 * HTTP_PROXY, HTTPS_PROXY and NO_PROXY as Go reads them (golang.org/x/net/http/httpproxy), and therefore the tools that
 * Tidegate runs: the lower-case variable takes precedence; loopback is never proxied; an entry of NO_PROXY is a domain
 * with its subdomains, `.domain` or `*.domain` for the subdomains alone, an address, a CIDR range, or `*`; domains and
 * addresses may have a port. No library on npm agrees with Go on all of these.
 */
export function readProxies(env: Readonly<Record<string, string | undefined>>): Proxies {
  const variable = (name: string): string => env[name.toLowerCase()] || env[name] || '';
  const values: Readonly<Record<string, string>> = {
    'http:': variable('HTTP_PROXY'),
    'https:': variable('HTTPS_PROXY'),
  };
  const matchers = parseNoProxy(variable('NO_PROXY'));
  return {
    proxyFor(url) {
      const value = values[url.protocol];
      if (!value || isDirect(url, matchers)) return undefined;
      return parseProxy(value, url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
    },
  };
}

function isDirect(url: URL, matchers: readonly Matcher[]): boolean {
  const host = addressOf(url.hostname.replace(/^\[|\]$/g, ''));
  const port = url.port || (DEFAULT_PORTS[url.protocol] ?? '');
  const family = familyOf(host);
  if (host === 'localhost' || (family !== 0 && LOOPBACK.check(host, nameOf(family)))) return true;
  return matchers.some((matches) => matches(host, port, family));
}

function parseNoProxy(text: string): readonly Matcher[] {
  const entries = text
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter(Boolean);
  if (entries.includes('*')) return [() => true];
  return entries.flatMap((entry) => rangeMatcher(entry) ?? hostMatcher(entry) ?? []);
}

/** `10.0.0.0/8`, `2001:db8::/32` */
function rangeMatcher(entry: string): Matcher | undefined {
  const [, net = '', prefix = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
  if (familyOf(net) === 0 || Number(prefix) > (familyOf(net) === 4 ? 32 : 128)) return undefined;
  const mapped = familyOf(net) === 6 && Number(prefix) >= 96 ? addressOf(net) : net;
  const family = familyOf(mapped);
  const list = new BlockList();
  list.addSubnet(mapped, Number(prefix) - (mapped === net ? 0 : 96), family === 4 ? 'ipv4' : 'ipv6');
  return (host, _port, of) => of !== 0 && of === family && list.check(host, nameOf(of));
}

function hostMatcher(entry: string): Matcher | undefined {
  const { host: given, port } = splitHostPort(entry);
  const host = addressOf(given);
  if (host === '') return undefined;
  const portFits = (asked: string): boolean => port === '' || port === asked;
  const family = familyOf(host);
  if (family !== 0) {
    const list = new BlockList();
    list.addAddress(host, nameOf(family));
    return (asked, at, of) => of !== 0 && of === family && list.check(asked, nameOf(of)) && portFits(at);
  }
  const pattern = host.replace(/^\*(?=\.)/, '');
  const name = pattern.replace(/^\./, '');
  // For an ASCII name it would change more: `corp.test/8` would become `corp.test`.
  const domain = (/[^ -~]/.test(name) && domainToASCII(name)) || name;
  const itself = !pattern.startsWith('.');
  return (asked, at, of) => of === 0 && (asked.endsWith(`.${domain}`) || (itself && asked === domain)) && portFits(at);
}

/** Like Go's net.SplitHostPort; text that it rejects is all host. */
function splitHostPort(entry: string): { readonly host: string; readonly port: string } {
  const [, bracketed, plain, port = ''] = /^(?:\[([^[\]]*)\]|([^:[\]]*)):([^:[\]]*)$/.exec(entry) ?? [];
  const host = bracketed ?? plain;
  return host === undefined ? { host: entry, port: '' } : { host, port };
}

function parseProxy(value: string, variable: string): URL {
  // `proxy:3128` would be read as a URL with the scheme `proxy:`.
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // The value is not shown: it may contain a password.
  if (!url) throw new TidegateError('proxy-invalid', `${variable} is not a proxy URL.`, { next: NEXT });
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new TidegateError(
    'proxy-invalid',
    `${variable} names a proxy of type ${url.protocol.slice(0, -1)}, which is not supported.`,
    {
      next: NEXT,
    },
  );
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** An IPv4 address in place of the IPv6 one that it is mapped into (`::ffff:10.1.2.3`), in either notation. */
function addressOf(host: string): string {
  if (familyOf(host) !== 6) return host;
  const [, high = '', low = ''] =
    /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(new URL(`http://[${host}]`).hostname) ?? [];
  if (high === '') return host;
  const bytes = [high, low].flatMap((part) => [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255]);
  return bytes.join('.');
}

function familyOf(host: string): 0 | 4 | 6 {
  return isIP(host) as 0 | 4 | 6;
}

function nameOf(family: 4 | 6): 'ipv4' | 'ipv6' {
  return family === 4 ? 'ipv4' : 'ipv6';
}
