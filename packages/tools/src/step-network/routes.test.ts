import { describe, expect, test } from '@jest/globals';
import { freeSubnet, hasIpv6Default, readRoutes } from './routes.ts';

const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';
const line = (device: string, destination: string, mask: string) =>
  `${device}\t${destination}\t010200C0\t0003\t0\t0\t0\t${mask}\t0\t0\t0   `;
const table = (...lines: string[]) => readRoutes([HEAD, ...lines, ''].join('\n'));

const DEFAULT = line('eth0', '00000000', '00000000');
/** 198.18.0.0/24 */
const FIRST = line('br0', '000012C6', '00FFFFFF');

describe("the machine's routes", () => {
  test('are read as the kernel writes them', () => {
    expect(table(DEFAULT, line('eth0', '000200C0', '00FFFFFF'))).toEqual([
      { device: 'eth0', first: 0, last: 0xffff_ffff, isDefault: true },
      { device: 'eth0', first: 0xc000_0200, last: 0xc000_02ff, isDefault: false },
    ]);
    expect(readRoutes('')).toEqual([]);
    expect(table('no route')).toEqual([]);
  });

  test('over IPv6 lead out where there is a default route that is not the loopback', () => {
    const zeros = '0'.repeat(32);
    const route = (length: string, device: string) =>
      `${zeros} ${length} ${zeros} 00 ${zeros} 00000400 00000001 00000000 00000003     ${device}\n`;
    expect(hasIpv6Default(route('00', 'eth0'))).toBe(true);
    expect(hasIpv6Default(route('00', 'lo'))).toBe(false);
    expect(hasIpv6Default(route('40', 'eth0'))).toBe(false);
    expect(hasIpv6Default('')).toBe(false);
  });
});

describe('a subnet for RUN steps', () => {
  test('is the first one from a random place on', () => {
    expect(freeSubnet([], 0)).toBe('198.18.0.0/24');
    expect(freeSubnet(table(DEFAULT), 0.5)).toBe('198.19.0.0/24');
    expect(freeSubnet([], 0.9999)).toBe('198.19.255.0/24');
  });

  test('is none that a route of the machine leads to, a part of it or more than it', () => {
    expect(freeSubnet(table(FIRST), 0)).toBe('198.18.1.0/24');
    // 198.18.1.128/25, and 198.18.0.0/16
    expect(freeSubnet(table(FIRST, line('br1', '800112C6', '80FFFFFF')), 0)).toBe('198.18.2.0/24');
    expect(freeSubnet(table(line('vpn', '000012C6', '0000FFFF')), 0)).toBe('198.19.0.0/24');
    // 198.19.255.0/24: the search continues from the beginning.
    expect(freeSubnet(table(line('br2', '00FF13C6', '00FFFFFF')), 0.9999)).toBe('198.18.0.0/24');
  });

  test('is none where all are taken', () => {
    expect(freeSubnet(table(line('vpn', '000012C6', '0000FEFF')), 0.3)).toBeUndefined();
  });
});
