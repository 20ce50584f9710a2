/** The schema of the effective policy document. `Shape` makes the compiler require every field of the type. */

import * as v from 'valibot';
import { TRACE_KINDS } from '../contents/image-contents.ts';
import type { AllowedTrace, ContentsPolicy } from '../contents/rules.ts';
import { type Digest, isDigest } from '../image/digest.ts';
import {
  type BaseImagePolicy,
  type Ignored,
  type ImagePolicy,
  type LicensePolicy,
  type Policy,
  REQUIRABLE,
  type StandIn,
} from '../policy.ts';
import { ENTITLEMENTS } from '../policy-file/definition.ts';
import type { DatabasePolicy, EffectivePolicy, SourcePolicy } from '../policy-file/effective.ts';
import type { PackageUrl } from '../purl/purl.ts';
import { SEVERITIES } from '../severity.ts';
import { SOURCE_LEVELS, SOURCE_RULE_NAMES, type SourceLevels } from '../source-levels.ts';
import { isRecord } from '../text/json.ts';
import { type UnusableStatement, VEX_STATUSES, type VexProduct, type VexStatement } from '../vex/statement.ts';

type Schema<T> = v.GenericSchema<unknown, T>;
type Fields<T> = { readonly [K in keyof Required<T>]: Schema<T[K]> };

/** Every field of `T`, and no other. */
function shape<T extends object>(fields: Fields<T>): Schema<T> {
  return v.strictObject(fields) as unknown as Schema<T>;
}

const optional = <T>(schema: Schema<T>) => v.optional(schema) as unknown as Schema<T | undefined>;
const list = <T>(schema: Schema<T>): Schema<readonly T[]> => v.array(schema);
const word = <const W extends string>(words: readonly W[]): Schema<W> => v.picklist(words);
const limit: Schema<number> = v.pipe(v.number(), v.finite(), v.minValue(0));
const text: Schema<string> = v.string();
const flag: Schema<boolean> = v.boolean();
const texts = list(text);
const allowLists = list(texts);
const failOrReport = word(['fail', 'report']);
const threshold = word([...SEVERITIES, 'none']);

const date: Schema<Date> = v.pipe(
  v.string(),
  v.transform((written) => new Date(written)),
  v.date(),
);

function isTextByName(value: unknown): boolean {
  if (!isRecord(value)) return false;
  return Object.values(value).every((each) => typeof each === 'string');
}

const ignored = shape<Ignored>({ id: text, package: text, reason: text, expires: date, from: text });

const packageUrl = shape<PackageUrl>({
  type: text,
  path: text,
  version: optional(text),
  qualifiers: v.pipe(
    // Not v.record: it drops names such as `constructor`.
    v.custom<Record<string, string>>(isTextByName, 'expected an object of text'),
    v.transform((named) => new Map(Object.entries(named))),
  ),
});

const vexStatement = shape<VexStatement>({
  from: text,
  ids: texts,
  products: list(shape<VexProduct>({ image: optional(text), package: optional(packageUrl), name: text })),
  status: word(VEX_STATUSES),
  justification: optional(text),
  author: optional(text),
  at: date,
});

const licenses = shape<LicensePolicy>({ allow: allowLists, deny: texts, unknown: failOrReport, except: texts });

const baseImages = shape<BaseImagePolicy>({ allow: allowLists, maxAge: optional(limit), undated: failOrReport });

const image = shape<ImagePolicy>({
  maxSize: optional(limit),
  maxLayers: optional(limit),
  nonRoot: optional(flag),
  users: optional(allowLists),
  ports: optional(allowLists),
  volumes: optional(allowLists),
});

const allowedTrace = shape<AllowedTrace>({
  kind: word(TRACE_KINDS),
  path: text,
  reason: text,
  expires: optional(date),
});

const contents = shape<ContentsPolicy>({
  traces: shape<ContentsPolicy['traces']>({
    secret: optional(failOrReport),
    history: optional(failOrReport),
    'hidden-package': optional(failOrReport),
    setuid: optional(failOrReport),
    shell: optional(failOrReport),
    'package-manager': optional(failOrReport),
    state: optional(failOrReport),
    device: optional(failOrReport),
  }),
  allow: optional(list(allowedTrace)),
  maxAllowTime: optional(limit),
  statePaths: optional(texts),
  healthcheck: optional(flag),
  labels: optional(texts),
});

const policy = shape<Policy>({
  require: list(word(REQUIRABLE)),
  predicates: optional(texts),
  failOn: threshold,
  unknownSeverity: failOrReport,
  onlyFixed: flag,
  maxDatabaseAge: limit,
  maxScanAge: limit,
  sbomFormats: optional(list(word(['syft', 'spdx', 'cyclonedx']))),
  allowEmptySbom: optional(flag),
  independentRebuild: optional(flag),
  allowSuppressed: optional(flag),
  verdictOf: optional(v.custom<Digest>(isDigest)),
  failOnByFix: optional(
    shape<NonNullable<Policy['failOnByFix']>>({
      fixed: optional(threshold),
      'not-fixed': optional(threshold),
      'wont-fix': optional(threshold),
      unknown: optional(threshold),
    }),
  ),
  knownExploited: optional(failOrReport),
  fixGrace: optional(limit),
  alreadyLive: optional(failOrReport),
  maxEpss: optional(limit),
  maxRisk: optional(limit),
  ignore: optional(list(ignored)),
  maxIgnoreTime: optional(limit),
  vex: optional(list(vexStatement)),
  unusableVex: optional(list(shape<UnusableStatement>({ from: text, why: text }))),
  standIns: optional(list(shape<StandIn>({ image: text, as: text, reason: text }))),
  endOfLife: optional(failOrReport),
  licenses: optional(licenses),
  deniedPackages: optional(texts),
  baseImages: optional(baseImages),
  image: optional(image),
  contents: optional(contents),
  registries: optional(allowLists),
  databaseMirrors: optional(allowLists),
  tools: optional(word(['pinned', 'any'])),
});

const LEVELS = Object.fromEntries(
  SOURCE_RULE_NAMES.map((rule) => [rule, optional(word(SOURCE_LEVELS))]),
) as Fields<SourceLevels>;

export const EFFECTIVE_POLICY = shape<EffectivePolicy>({
  preset: text,
  policy,
  database: shape<DatabasePolicy>({ fallbackMaxAge: optional(limit), mirrors: optional(allowLists) }),
  sources: shape<SourcePolicy>({
    levels: shape<SourceLevels>(LEVELS),
    setBy: optional(word(['extends', 'file'])),
    entitlements: optional(list(word(ENTITLEMENTS))),
    mirrors: optional(list(text)),
  }),
});
