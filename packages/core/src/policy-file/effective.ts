import type { ContentsPolicy } from '../contents/rules.ts';
import { defined } from '../defined.ts';
import { TidegateError } from '../error.ts';
import type { AllowLists, Policy, Requirable } from '../policy.ts';
import { REQUIRED_BY_DEFAULT } from '../policy.ts';
import { requiredBy } from '../required-evidence.ts';
import { SEVERITIES } from '../severity.ts';
import type { SourceLevels } from '../source-levels.ts';
import type { VexDocument } from '../vex/statement.ts';
import { completed } from './completed.ts';
import type { Entitlement, PolicyFile } from './definition.ts';
import { PRESETS_VERSION } from './presets.ts';
import type { Thresholds } from './severities.ts';

/** Options for the stage that downloads the database. Milliseconds. */
export interface DatabasePolicy {
  /** Maximum age of a database in a read-only cache that replaces an unavailable one; absent: no replacement. */
  readonly fallbackMaxAge?: number;
  /** Allowed servers. Absent: any server, and files. */
  readonly mirrors?: AllowLists;
}

export interface EffectivePolicy {
  /** The preset that the repository's policy is based on, and its version. */
  readonly preset: string;
  readonly policy: Policy;
  readonly database: DatabasePolicy;
  readonly sources: SourcePolicy;
}

/** Options for the source rules. */
export interface SourcePolicy {
  readonly levels: SourceLevels;
  /**
   * Where the levels come from besides step inputs: an extended policy, whose rules no input may switch off, or the
   * repository's own file. Absent: neither sets levels.
   */
  readonly setBy?: 'extends' | 'file';
  /** Privileges that steps of the build may request. Absent: none. */
  readonly entitlements?: readonly Entitlement[] | undefined;
  /** Registry mirrors that the build may use: `HOST[:PORT][/PATH]`. Absent: none. */
  readonly mirrors?: readonly string[] | undefined;
}

/**
 * The policy of the gate. The preset gives every value that neither the file nor an input sets.
 * @param vex the documents listed under `vex`, read by the caller
 * @throws TidegateError `bad-input` if the policies contradict each other.
 */
export function effectivePolicy(given: PolicyFile, vex: readonly VexDocument[] = []): EffectivePolicy {
  const file = completed(given);
  const { vulnerabilities = {}, evidence = {}, database = {}, image, licenses } = file;
  const bases = file['base-images'];
  if (vulnerabilities['allow-vex'] === false && (file.vex?.length ?? 0) > 0) {
    throw new TidegateError(
      'policy-contradiction',
      `vex names ${file.vex?.[0]}, but one of the policies sets allow-vex: false.`,
      {
        next: 'Remove vex from the policy, or add an ignore entry with a reason and an expiry date, if the policies allow it.',
      },
    );
  }
  const { 'max-epss': maxEpss, 'max-risk': maxRisk, 'max-ignore-time': maxIgnoreTime } = vulnerabilities;
  const onlyFixed = vulnerabilities['only-fixed'] ?? false;
  const required = requiredBy(evidence.require ?? REQUIRED_BY_DEFAULT);
  const policy: Policy = {
    require: requireOf(required.require, file),
    ...thresholds(vulnerabilities['fail-on'] ?? {}, onlyFixed),
    unknownSeverity: vulnerabilities['unknown-severity'] ?? 'fail',
    onlyFixed,
    allowEmptySbom: evidence['allow-empty-sbom'] ?? false,
    maxDatabaseAge: database['max-age'] ?? 0,
    maxScanAge: evidence['max-scan-age'] ?? 0,
    ...defined({
      independentRebuild: evidence['independent-rebuild'] || undefined,
      predicates: required.predicates,
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
      licenses: licenses && {
        allow: licenses.allow ?? [],
        deny: licenses.deny ?? [],
        unknown: licenses.unknown ?? 'report',
        except: licenses.except ?? [],
      },
      baseImages: bases && {
        allow: bases.allow ?? [],
        undated: bases.undated ?? 'fail',
        ...defined({ maxAge: bases['max-age'] }),
      },
      image:
        image &&
        defined({
          maxSize: image['max-size'],
          maxLayers: image['max-layers'],
          nonRoot: image['non-root'],
          users: image.users,
          ports: image.ports,
          volumes: image.volumes,
        }),
      ...statementsOf(vex),
    }),
  };
  return {
    preset: `${file.preset}/${PRESETS_VERSION}`,
    policy: { ...policy, contents: contentsPolicy(file) },
    database: defined({ fallbackMaxAge: database['fallback-max-age'] || undefined, mirrors: database.mirrors }),
    sources: { levels: file.sources?.levels ?? {}, ...granted(file) },
  };
}

function granted({ build }: PolicyFile): Pick<SourcePolicy, 'entitlements' | 'mirrors'> {
  const { entitlements = [], mirrors = [] } = build ?? {};
  return defined({
    entitlements: entitlements.length > 0 ? entitlements : undefined,
    mirrors: mirrors.length > 0 ? mirrors : undefined,
  });
}

/** Only evidence names the programs that ran. Without requiring it, removing the evidence would pass `pinned`; likewise for a rebuild. */
function requireOf(require: readonly Requirable[], { evidence = {}, tools }: PolicyFile): readonly Requirable[] {
  const recorded = tools === 'pinned' ? (['provenance', 'sbom', 'scan'] as const) : [];
  const rebuilt = evidence['independent-rebuild'] ? (['reproduced'] as const) : [];
  return recorded.length + rebuilt.length > 0 ? [...new Set([...require, ...recorded, ...rebuilt])] : require;
}

function statementsOf(vex: readonly VexDocument[]): Pick<Policy, 'vex' | 'unusableVex'> {
  const statements = vex.flatMap((document) => document.statements);
  const unusable = vex.flatMap((document) => document.unusable);
  return {
    vex: statements.length > 0 ? statements : undefined,
    unusableVex: unusable.length > 0 ? unusable : undefined,
  };
}

/** Secrets and hidden packages fail by default; everything else is reported by default. */
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

/** One threshold if all states share it; otherwise one per state, and the strictest of them for the scanner itself. */
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
