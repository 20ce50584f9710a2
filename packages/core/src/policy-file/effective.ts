import type { ContentsPolicy } from '../contents/rules.ts';
import { TidegateError } from '../error.ts';
import type { AllowLists, Policy, Requirable } from '../policy.ts';
import { REQUIRABLE } from '../policy.ts';
import { SEVERITIES } from '../severity.ts';
import type { SourceLevels } from '../source-levels.ts';
import type { VexDocument } from '../vex/statement.ts';
import { completed } from './completed.ts';
import type { PolicyFile } from './definition.ts';
import { PRESETS_VERSION } from './presets.ts';
import type { Thresholds } from './severities.ts';

/** What the stage that brings the database is told. Milliseconds. */
export interface DatabasePolicy {
  /** How old a database in a read-only cache may be that stands in for one that cannot be had; absent: none may. */
  readonly fallbackMaxAge?: number;
  /** Servers that may be asked. Absent: any, and files. */
  readonly mirrors?: AllowLists;
}

export interface EffectivePolicy {
  /** The built-in policy that the repository's own started from, and its version. */
  readonly preset: string;
  readonly policy: Policy;
  readonly database: DatabasePolicy;
  readonly sources: SourcePolicy;
}

/** What the source rules are told. */
export interface SourcePolicy {
  readonly levels: SourceLevels;
  /**
   * Who has a say in the levels besides inputs: a policy that is extended, whose rules no input may switch off, or the
   * repository's own file. Absent: nobody.
   */
  readonly setBy?: 'extends' | 'file';
}

/**
 * The policy of the gate. What no file and no input says is the preset's to say.
 * @param vex the documents that `vex` names, read by the caller
 * @throws TidegateError `bad-input` where two policies cannot both hold.
 */
export function effectivePolicy(given: PolicyFile, vex: readonly VexDocument[] = []): EffectivePolicy {
  const file = completed(given);
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
  const onlyFixed = vulnerabilities['only-fixed'] ?? false;
  const policy: Policy = {
    require: requireOf(evidence.require ?? REQUIRABLE, file.tools),
    ...thresholds(vulnerabilities['fail-on'] ?? {}, onlyFixed),
    unknownSeverity: vulnerabilities['unknown-severity'] ?? 'fail',
    onlyFixed,
    allowEmptySbom: evidence['allow-empty-sbom'] ?? false,
    maxDatabaseAge: database['max-age'] ?? 0,
    maxScanAge: evidence['max-scan-age'] ?? 0,
    ...defined({
      fixGrace: vulnerabilities['fix-grace'],
      knownExploited: vulnerabilities['known-exploited'],
      alreadyLive: vulnerabilities['already-live'],
      maxEpss,
      maxRisk,
      maxIgnoreTime,
      ignore: file.ignore,
      deniedPackages: file.packages?.deny,
      registries: file.registries?.allow,
      databaseMirrors: database.mirrors,
      tools: file.tools,
      standIns: file.distribution?.['stand-ins'],
      endOfLife: file.distribution?.['end-of-life'],
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
    preset: `${file.preset}/${PRESETS_VERSION}`,
    policy: { ...policy, contents: contentsPolicy(file) },
    database: defined({ fallbackMaxAge: database['fallback-max-age'] || undefined, mirrors: database.mirrors }),
    sources: { levels: file.sources?.levels ?? {} },
  };
}

/** Which programs ran is said by what they have left: without it `pinned` would hold for whoever takes it away. */
function requireOf(require: readonly Requirable[], tools: PolicyFile['tools']): readonly Requirable[] {
  return tools === 'pinned' ? [...new Set([...require, 'provenance', 'sbom', 'scan'] as const)] : require;
}

function statementsOf(vex: readonly VexDocument[]): Pick<Policy, 'vex' | 'unusableVex'> {
  const statements = vex.flatMap((document) => document.statements);
  const unusable = vex.flatMap((document) => document.unusable);
  return {
    ...(statements.length > 0 ? { vex: statements } : {}),
    ...(unusable.length > 0 ? { unusableVex: unusable } : {}),
  };
}

/** Secrets and hidden packages fail where a policy says nothing of them; the rest is reported. */
function contentsPolicy({ contents = {}, image = {}, vulnerabilities = {} }: PolicyFile): ContentsPolicy {
  const traces = defined({
    secret: contents.secrets,
    history: contents.history,
    'hidden-package': contents['hidden-packages'],
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
      maxAllowTime: vulnerabilities['max-ignore-time'],
      statePaths: contents['state-paths'],
      healthcheck: image.healthcheck,
      labels: image.labels,
    }),
  };
}

/** One threshold where all states share it; else each its own, and the strictest for the scanner's second opinion. */
function thresholds(given: Thresholds, onlyFixed: boolean): Pick<Policy, 'failOn' | 'failOnByFix'> {
  if (onlyFixed) return { failOn: given.fixed ?? 'high' };
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
