import { join } from 'node:path';
import { type Checkout, changeSources, makeCommit, makeSources } from '../commit.ts';
import { LARGE, SMALL } from '../debian.ts';
import { debianOf, manyLayers, manyPlatforms, programOn, scriptOn } from '../images.ts';
import type { Peers } from './peers.ts';

/** Of what the commit of a cell is made. */
interface Ground {
  /** An empty folder. */
  readonly folder: string;
  readonly buildx: (argv: readonly string[]) => Promise<void>;
  readonly say: (line: string) => void;
}

export interface Cell {
  readonly about: string;
  /** Default, without BENCH_RUNS. */
  readonly runs: number;
  /** Whom ours is compared with. */
  readonly peers: readonly Peers[];
  /**
   * - `cached`: BuildKit has built the commit before, the registry is empty. One turn before the first builds it.
   * - `unchanged`: the registry, too, has the image and its evidence, from the turn before the first.
   * - `fresh`: a new commit each turn, and a BuildKit that has nothing.
   */
  readonly state: 'cached' | 'unchanged' | 'fresh';
  /** Maximum of the ratio of our time to theirs. Default: no aim. */
  readonly aim?: { readonly ratio: number; readonly to: 'peers' | 'smart peers' } | undefined;
  readonly make: (ground: Ground) => Promise<Checkout>;
  /** Makes the commit another one. */
  readonly change?: (checkout: Checkout, turn: number) => Promise<void>;
}

const BOTH = ['image', 'sbom'] as const;
const SMART = ['sbom'] as const;
const place = ({ folder }: Ground) => join(folder, 'commit');
/** overlayfs mounts at most 500 folders (OVL_MAX_STACK of the kernel), Docker's own limit is 127: 200 are for copies only. */
const LAYERS = 200;

export const CELLS: Readonly<Record<string, Cell>> = {
  cached: {
    about: "A Go program on Debian's smallest system with apt's downloads",
    ...{ runs: 5, peers: BOTH, state: 'cached' },
    aim: { ratio: 0.6, to: 'peers' },
    make: ({ folder, say }) => makeCommit(folder, say),
  },
  '100 MB': {
    about: 'A Go program on a base like `debian:bookworm`',
    ...{ runs: 5, peers: BOTH, state: 'cached' },
    aim: { ratio: 0.9, to: 'smart peers' },
    make: async (ground) => programOn(await debianOf(SMALL, ground.say), place(ground)),
  },
  '2 GB': {
    about: 'A Go program on Debian with compilers, Java, Python, PostgreSQL and npm',
    ...{ runs: 2, peers: BOTH, state: 'cached' },
    aim: { ratio: 0.9, to: 'smart peers' },
    make: async (ground) => programOn(await debianOf(LARGE, ground.say), place(ground)),
  },
  '10 platforms': {
    about: 'Five megabytes of Debian for each of ten platforms, and npm packages for all',
    ...{ runs: 3, peers: ['image', 'sbom', 'runner'], state: 'cached' },
    make: (ground) => manyPlatforms(place(ground), ground.say),
  },
  '200 layers': {
    about: `${LAYERS} layers of an npm package and half a megabyte of Debian each`,
    ...{ runs: 3, peers: BOTH, state: 'cached' },
    make: (ground) => manyLayers(LAYERS, place(ground), ground.say),
  },
  'unchanged commit': {
    about: 'The same commit once more: a script with npm packages on a base like `debian:bookworm`',
    ...{ runs: 5, peers: SMART, state: 'unchanged' },
    aim: { ratio: 0.35, to: 'smart peers' },
    make: async (ground) => scriptOn(await debianOf(SMALL, ground.say), place(ground)),
  },
  'unchanged commit, Go': {
    about: 'The same with a Go program: if it has findings, the scan catalogs the image itself',
    ...{ runs: 3, peers: SMART, state: 'unchanged' },
    aim: { ratio: 0.35, to: 'smart peers' },
    make: async (ground) => programOn(await debianOf(SMALL, ground.say), place(ground)),
  },
  'unchanged commit, 2 GB': {
    about: 'The same commit once more: a script with npm packages on the base of `2 GB`',
    ...{ runs: 2, peers: SMART, state: 'unchanged' },
    aim: { ratio: 0.35, to: 'smart peers' },
    make: async (ground) => scriptOn(await debianOf(LARGE, ground.say), place(ground)),
  },
  'new commit': {
    about: 'A web service in Go that the Dockerfile compiles, on a builder that has nothing',
    ...{ runs: 3, peers: BOTH, state: 'fresh' },
    make: ({ folder, buildx, say }) => makeSources(folder, buildx, say),
    change: changeSources,
  },
};
