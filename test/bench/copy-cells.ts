/** The measurements of `copy`, and the aim of each. */
import { SHAPES, type Shape } from './copy-images.ts';

const SMALL_LINK = 100_000_000 / 8;

export interface Cell {
  readonly name: string;
  readonly shape: Shape;
  readonly registry: 'docker-registry' | 'olareg';
  readonly direction: 'push' | 're-push' | 'pull';
  readonly peers: readonly Peer[];
  /** Milliseconds. */
  readonly roundTrip?: number;
  readonly bytesPerSecond?: number;
  /** Maximum of the ratio (or of the seconds over those that the bytes alone need, or MiB of memory). */
  readonly target: number;
  readonly measure: 'ratio' | 'bytes time' | 'memory';
}
export type Peer = 'crane' | 'oras';

export const BOTH = ['crane', 'oras'] as const;
const { one, some, many, huge } = SHAPES;
export const CELLS: readonly Cell[] = [
  ...(['docker-registry', 'olareg'] as const).flatMap((registry) =>
    (['push', 'pull'] as const).flatMap((direction) =>
      [one, some, many].map(
        (shape): Cell => ({
          name: `${direction} ${shape.name}, ${registry}`,
          shape,
          registry,
          direction,
          peers: BOTH,
          target: 1,
          measure: 'ratio',
        }),
      ),
    ),
  ),
  {
    name: `push ${many.name}, 50 ms`,
    shape: many,
    registry: 'docker-registry',
    direction: 'push',
    peers: BOTH,
    roundTrip: 50,
    target: 0.35,
    measure: 'ratio',
  },
  ...[some, many].map(
    (shape): Cell => ({
      name: `pull ${shape.name}, 50 ms`,
      shape,
      registry: 'docker-registry',
      direction: 'pull',
      peers: BOTH,
      roundTrip: 50,
      target: 1,
      measure: 'ratio',
    }),
  ),
  {
    name: `re-push ${many.name}, 50 ms`,
    shape: many,
    registry: 'docker-registry',
    direction: 're-push',
    peers: BOTH,
    roundTrip: 50,
    target: 1,
    measure: 'ratio',
  },
  {
    name: `push ${many.name}, 50 ms and 100 Mbit/s`,
    shape: many,
    registry: 'docker-registry',
    direction: 'push',
    peers: [],
    roundTrip: 50,
    bytesPerSecond: SMALL_LINK,
    target: 1.05,
    measure: 'bytes time',
  },
  ...(['push', 'pull'] as const).map(
    (direction): Cell => ({
      name: `memory, ${direction} ${huge.name}`,
      shape: huge,
      registry: 'docker-registry',
      direction,
      peers: [],
      target: 150,
      measure: 'memory',
    }),
  ),
];

export const isLoopback = ({ measure, roundTrip }: Cell) => measure === 'ratio' && roundTrip === undefined;
