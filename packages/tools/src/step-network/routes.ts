/** IPv4 routes of this machine, as far as a network for RUN steps has to fit in between them. */
export interface Route {
  readonly device: string;
  /** Its first and last address, as numbers. */
  readonly first: number;
  readonly last: number;
  readonly isDefault: boolean;
}

/** /proc/net/route: addresses are in the byte order of the machine, which is little-endian on every one we run on. */
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

/** Whether /proc/net/ipv6_route has a way out. */
export function hasIpv6Default(text: string): boolean {
  return text.split('\n').some((line) => /^0{32} 00 /.test(line) && !/\slo$/.test(line));
}

/** 198.18.0.0/15, kept for tests of network equipment (RFC 2544): no company's network has its servers there. */
const RANGE = Buffer.from([198, 18, 0, 0]).readUInt32BE();
const SUBNETS = 512;
const SIZE = 256;

/**
 * A /24 that no route of this machine leads to.
 * @param random of [0, 1): two daemons that start in the same moment must not both take the first
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
