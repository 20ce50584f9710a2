import { STATE_PATHS } from '../contents/recorder.ts';
import { defined } from '../defined.ts';
import { isRecord } from '../text/json.ts';
import type { PolicyFile } from './definition.ts';
import { DEFAULT_PRESET } from './preset-names.ts';
import { presetPolicy } from './presets.ts';
import { everyState, type Thresholds } from './severities.ts';

/** The keys of a policy file without `extends` and `version`; step inputs have this shape too. */
export type PolicyValues = Partial<Omit<PolicyFile, 'extends' | 'version'>>;

/** `values` override `base`, key by key, as step inputs override the repository's own file. */
export function overridden(base: PolicyFile, values: PolicyValues): PolicyFile {
  return over(base, values) as PolicyFile;
}

function over(base: unknown, values: unknown): unknown {
  if (!isMap(base) || !isMap(values)) return values === undefined ? base : values;
  const names = new Set([...Object.keys(base), ...Object.keys(values)]);
  return Object.fromEntries([...names].map((name) => [name, over(base[name], values[name])]));
}

/** Dates of a policy file are values. */
function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && !(value instanceof Date);
}

/**
 * A policy with its defaults written out: those of its preset, and those that follow from its values. Policies are
 * merged only in this form, so that the defaults of an extended policy are a floor like its values. Idempotent.
 */
export function completed(file: PolicyFile): PolicyFile {
  const preset = file.preset ?? DEFAULT_PRESET;
  const whole = overridden(presetPolicy(preset), file);
  const { vulnerabilities = {}, contents = {}, database = {} } = whole;
  const bases = whole['base-images'];
  return {
    ...whole,
    preset,
    vulnerabilities: { ...vulnerabilities, ...counted(file, vulnerabilities) },
    contents: { ...contents, 'state-paths': contents['state-paths'] ?? STATE_PATHS },
    // A stand-in release must be listed in every policy.
    distribution: { ...whole.distribution, 'stand-ins': whole.distribution?.['stand-ins'] ?? [] },
    // A policy that names no privilege grants none, also to the policies that extend it. Likewise mirrors.
    build: {
      ...whole.build,
      entitlements: whole.build?.entitlements ?? [],
      mirrors: whole.build?.mirrors ?? [],
    },
    // By default no database of an earlier run may be used.
    database: { ...database, 'fallback-max-age': database['fallback-max-age'] ?? 0 },
    ...defined({
      licenses: whole.licenses && { ...whole.licenses, except: whole.licenses.except ?? [] },
      'base-images': bases && { ...bases, undated: bases.undated ?? 'fail' },
    }),
  };
}

const UNFIXED = ['not-fixed', 'wont-fix', 'unknown'] as const;

/**
 * The findings that count. `only-fixed` is the same as the threshold `none` for the other states. So a file with
 * thresholds by state replaces the `only-fixed` of its preset, and the states that it omits still do not count.
 */
function counted(
  { vulnerabilities: said = {} }: PolicyFile,
  { 'fail-on': thresholds = {}, 'only-fixed': onlyFixed = false }: NonNullable<PolicyFile['vulnerabilities']>,
): { readonly 'fail-on': Thresholds; readonly 'only-fixed': boolean } {
  if (!onlyFixed) return { 'fail-on': thresholds, 'only-fixed': false };
  const none = { ...everyState('none'), fixed: thresholds.fixed ?? 'none' };
  const byState = said['only-fixed'] === undefined && isByState(said['fail-on'] ?? {});
  if (!byState) return { 'fail-on': none, 'only-fixed': true };
  return { 'fail-on': { ...none, ...said['fail-on'] }, 'only-fixed': false };
}

/** Whether the thresholds differ by state: one word for all is read as the same word for each. */
function isByState(thresholds: Thresholds): boolean {
  return UNFIXED.some((state) => thresholds[state] !== undefined && thresholds[state] !== thresholds.fixed);
}
