/** An IPv4 route of this machine, used to find a free range for RUN steps. */
export interface Route {
  readonly device: string;
  /** The first and last address of the route, as numbers. */
  readonly first: number;
  readonly last: number;
  readonly isDefault: boolean;
}

/**
 * Parse /proc/net/route: addresses are in the byte order of the machine, which is little-endian on all supported ones.
 */
export function readRoutes(text: string): readonly Route[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [device = '', destination, , , , , , mask] = line.trim().split(/\s+/);
      if (!isHex(destination) || !isHex(mask)) return [];
      const [first, bits] = [addressOf(destination), addressOf(mask)];
      return [{ device, first, last: first + (0xffff_ffff - bits), isDefault: bits === 0 }];
    });
}

const isHex = (text: string | undefined): text is string => /^[0-9A-Fa-f]{8}$/.test(text ?? '');
const addressOf = (hex: string): number => Buffer.from(hex, 'hex').readUInt32LE();

/** Whether /proc/net/ipv6_route has a default route. */
export function hasIpv6Default(text: string): boolean {
  return text.split('\n').some((line) => /^0{32} 00 /.test(line) && !/\slo$/.test(line));
}

/** 198.18.0.0/15, reserved for tests of network equipment (RFC 2544): company networks have no servers in it. */
const RANGE = Buffer.from([198, 18, 0, 0]).readUInt32BE();
const SUBNETS = 512;
const SIZE = 256;

/**
 * A /24 that overlaps no route of this machine.
 * @param random of [0, 1): two daemons that start at the same time must not both use the first free range
 */
export function freeSubnet(routes: readonly Route[], random: number): string | undefined {
  const start = Math.floor(random * SUBNETS);
  for (let step = 0; step < SUBNETS; step++) {
    const first = RANGE + ((start + step) % SUBNETS) * SIZE;
    const last = first + SIZE - 1;
    const isTaken = routes.some((route) => !route.isDefault && route.first <= last && first <= route.last);
    if (!isTaken) return `${dotted(first)}/24`;
  }
  return undefined;
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
