import type { ContentsPolicy } from '../contents/rules.ts';
import { TidegateError } from '../error.ts';
import type { AllowLists, Policy } from '../policy.ts';
import { REQUIRABLE } from '../policy.ts';
import { SEVERITIES } from '../severity.ts';
import type { VexDocument } from '../vex/statement.ts';
import { POLICY_FILE, type PolicyFile } from './definition.ts';
import type { Thresholds } from './severities.ts';

const DAY = 86_400_000;

/** What a policy file may say and no `extends` or `vex`: values that inputs give stand in this shape, too. */
export type PolicyValues = Partial<Omit<PolicyFile, 'extends' | 'version'>>;

/** `values` over `base`, key by key: what inputs say stands before what the repository's own file says. */
export function overridden(base: PolicyFile, values: PolicyValues): PolicyFile {
  return over(base, values) as PolicyFile;
}

function over(base: unknown, values: unknown): unknown {
  if (!isRecord(base) || !isRecord(values)) return values === undefined ? base : values;
  const names = new Set([...Object.keys(base), ...Object.keys(values)]);
  return Object.fromEntries([...names].map((name) => [name, over(base[name], values[name])]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/**
 * Both policies at once: of each value the stricter. Limits: the smaller. `fail` before `report`. Lists of what is
 * denied, required, ignored or excepted: all of both. Lists of what is allowed: both must allow.
 */
export function stricter(a: PolicyFile, b: PolicyFile): PolicyFile {
  return POLICY_FILE.stricter(a, b);
}

/** What the stage that brings the database is told. Milliseconds. */
export interface DatabasePolicy {
  /** How old a database in a read-only cache may be that stands in for one that cannot be had; absent: none may. */
  readonly fallbackMaxAge?: number;
  /** Servers that may be asked. Absent: any, and files. */
  readonly mirrors?: AllowLists;
}

export interface EffectivePolicy {
  readonly policy: Policy;
  readonly database: DatabasePolicy;
}

/**
 * The policy of the gate. What no file and no input says has the strict default that every action had before.
 * @param vex the documents that `vex` names, read by the caller
 * @throws TidegateError `bad-input` where two policies cannot both hold.
 */
export function effectivePolicy(file: PolicyFile, vex: readonly VexDocument[] = []): EffectivePolicy {
  const { vulnerabilities = {}, evidence = {}, database = {}, image, licenses } = file;
  const bases = file['base-images'];
  if (vulnerabilities['allow-vex'] === false && (file.vex?.length ?? 0) > 0) {
    throw new TidegateError(
      'bad-input',
      `vex: ${file.vex?.[0]} is named, and allow-vex is false in one of the policies.`,
      {
        next: 'Take vex out of the policy, or ignore the finding with a reason and a day where that is allowed.',
      },
    );
  }
  const { 'max-epss': maxEpss, 'max-risk': maxRisk, 'max-ignore-time': maxIgnoreTime } = vulnerabilities;
  const policy: Policy = {
    require: evidence.require ?? REQUIRABLE,
    ...thresholds(vulnerabilities['fail-on'] ?? {}),
    unknownSeverity: vulnerabilities['unknown-severity'] ?? 'fail',
    onlyFixed: vulnerabilities['only-fixed'] ?? false,
    allowEmptySbom: evidence['allow-empty-sbom'] ?? false,
    maxDatabaseAge: database['max-age'] ?? 5 * DAY,
    maxScanAge: evidence['max-scan-age'] ?? DAY,
    ...defined({
      knownExploited: vulnerabilities['known-exploited'],
      maxEpss,
      maxRisk,
      maxIgnoreTime,
      ignore: file.ignore,
      deniedPackages: file.packages?.deny,
      registries: file.registries?.allow,
      databaseMirrors: database.mirrors,
      tools: file.tools,
    }),
    ...statementsOf(vex),
    ...(licenses
      ? {
          licenses: {
            allow: licenses.allow ?? [],
            deny: licenses.deny ?? [],
            unknown: licenses.unknown ?? 'report',
            except: licenses.except ?? [],
          },
        }
      : {}),
    ...(bases
      ? {
          baseImages: {
            allow: bases.allow ?? [],
            undated: bases.undated ?? 'fail',
            ...defined({ maxAge: bases['max-age'] }),
          },
        }
      : {}),
    ...(image
      ? {
          image: defined({
            maxSize: image['max-size'],
            maxLayers: image['max-layers'],
            nonRoot: image['non-root'],
            users: image.users,
            ports: image.ports,
            volumes: image.volumes,
          }),
        }
      : {}),
  };
  return {
    policy: { ...policy, contents: contentsPolicy(file) },
    database: defined({ fallbackMaxAge: database['fallback-max-age'], mirrors: database.mirrors }),
  };
}

function statementsOf(vex: readonly VexDocument[]): Pick<Policy, 'vex' | 'unusableVex'> {
  const statements = vex.flatMap((document) => document.statements);
  const unusable = vex.flatMap((document) => document.unusable);
  return {
    ...(statements.length > 0 ? { vex: statements } : {}),
    ...(unusable.length > 0 ? { unusableVex: unusable } : {}),
  };
}

/** Secrets fail whatever else a policy says; the rest is reported where it says nothing. */
function contentsPolicy({ contents = {}, image = {} }: PolicyFile): ContentsPolicy {
  const traces = defined({
    secret: contents.secrets,
    setuid: contents.setuid,
    shell: contents.shells,
    'package-manager': contents['package-managers'],
    state: contents.state,
    device: contents.devices,
  });
  return {
    traces,
    ...defined({
      allow: contents.allow,
      statePaths: contents['state-paths'],
      healthcheck: image.healthcheck,
      labels: image.labels,
    }),
  };
}

/** One threshold where all states share it; else each its own, and the strictest for the scanner's second opinion. */
function thresholds(given: Thresholds): Pick<Policy, 'failOn' | 'failOnByFix'> {
  const each = {
    fixed: given.fixed ?? 'high',
    'not-fixed': given['not-fixed'] ?? 'high',
    'wont-fix': given['wont-fix'] ?? 'high',
    unknown: given.unknown ?? 'high',
  } as const;
  const words = Object.values(each);
  const lowest = [...SEVERITIES].find((severity) => words.includes(severity)) ?? 'none';
  return words.every((word) => word === lowest) ? { failOn: lowest } : { failOn: lowest, failOnByFix: each };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
