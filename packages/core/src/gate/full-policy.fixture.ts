/** For tests: a policy that enables every rule. */
import { TRACE_KINDS } from '../contents/image-contents.ts';
import type { Policy } from '../policy.ts';
import { ago, DAY, STRICT } from './sound.fixture.ts';

/** STRICT, with every other rule enabled as well. */
export const FULL: Policy = {
  ...STRICT,
  predicates: ['https://example.com/review/v1'],
  knownExploited: 'fail',
  alreadyLive: 'report',
  maxEpss: 0.5,
  maxRisk: 50,
  maxIgnoreTime: 90 * DAY,
  databaseMirrors: [['https://grype.example/databases']],
  tools: 'pinned',
  ignore: [
    {
      id: 'CVE-2026-0001',
      package: 'pkg:npm/minimist@1.2.3',
      reason: 'Our input never reaches it.',
      expires: ago(-30 * DAY),
      from: 'tidegate.yml:3',
    },
  ],
  vex: [
    {
      from: 'app.vex.json, statement 1',
      ids: ['CVE-2026-0002'],
      products: [
        {
          name: 'pkg:npm/left-pad@1.0.0',
          package: { type: 'npm', path: 'left-pad', version: '1.0.0', qualifiers: new Map() },
        },
      ],
      status: 'not_affected',
      justification: 'vulnerable_code_not_present',
      at: ago(DAY),
    },
  ],
  standIns: [{ image: 'acmeos 1.0', as: 'debian 12', reason: 'It is built from its packages.' }],
  endOfLife: 'fail',
  licenses: { allow: [['MIT', 'BSD-3-Clause', 'GPL-2.0-or-later']], deny: ['AGPL-*'], unknown: 'fail', except: [] },
  deniedPackages: ['pkg:npm/event-stream'],
  baseImages: { allow: [['docker.io/library/*']], maxAge: 30 * DAY, undated: 'fail' },
  image: {
    maxSize: 10_000_000,
    maxLayers: 5,
    nonRoot: true,
    users: [['65532', 'app']],
    ports: [['8080/tcp']],
    volumes: [['/data']],
  },
  registries: [['ghcr.io/acme/*']],
  contents: {
    traces: Object.fromEntries(TRACE_KINDS.map((kind) => [kind, 'fail'])),
    healthcheck: true,
    labels: ['org.opencontainers.image.source'],
  },
};
