import { isSecretName, isSecretValue } from '../credentials/names.ts';
import { TidegateError } from '../error.ts';
import { type Digest, isDigest } from '../image/digest.ts';
import { instructionOf } from './history.ts';
import type { ConfigFacts } from './image-contents.ts';
import { withoutSecrets } from './secrets.ts';

/** The part of an image's config that layers are held against. */
export interface ConfigLayers {
  readonly diffIds: readonly Digest[];
  /** One for each layer: what made it. */
  readonly createdBy: readonly (string | undefined)[];
}

/**
 * What an image's config says (OCI image-spec, config.md; Docker's has the same fields). Credentials in its texts stand
 * as `***`: reports repeat them.
 * @param value the parsed JSON @param where begins the message of an error
 * @throws TidegateError `integrity` when a field is of another type, or there are not as many diff_ids as layers.
 */
export function readConfig(
  value: unknown,
  layers: number,
  where: string,
): { facts: ConfigFacts; rootfs: ConfigLayers } {
  const fields = record(value, where, 'the config');
  const config = record(fields.config ?? {}, where, 'config');
  const rootfs = record(fields.rootfs ?? {}, where, 'rootfs');
  const diffIds = list(rootfs.diff_ids ?? [], where, 'diff_ids').map((id) => {
    if (!isDigest(id)) throw wrong(where, 'a diff_id is not a digest');
    return id;
  });
  if (diffIds.length !== layers) throw wrong(where, `${diffIds.length} diff_ids for ${layers} layers`);
  const history = list(fields.history ?? [], where, 'history').map((entry) => record(entry, where, 'history'));
  const made = history.filter((entry) => entry.empty_layer !== true);
  // History is optional, and some builders write it for a part of the layers: then it says nothing of any.
  const createdBy = diffIds.map((_, at) => {
    const by = made.length === diffIds.length ? made[at]?.created_by : undefined;
    return typeof by === 'string' ? instructionOf(by) : undefined;
  });
  const healthcheck = texts(record(config.Healthcheck ?? {}, where, 'Healthcheck').Test ?? [], where, 'Healthcheck');
  const labels = record(config.Labels ?? {}, where, 'Labels');
  for (const label of Object.values(labels)) if (typeof label !== 'string') throw wrong(where, 'a label is not text');
  return {
    facts: {
      user: text(config.User ?? '', where, 'User'),
      entrypoint: texts(config.Entrypoint ?? [], where, 'Entrypoint').map(withoutSecrets),
      cmd: texts(config.Cmd ?? [], where, 'Cmd').map(withoutSecrets),
      ...(healthcheck.length > 0 && healthcheck[0] !== 'NONE' ? { healthcheck: healthcheck.map(withoutSecrets) } : {}),
      labels: shown(labels as Readonly<Record<string, string>>),
      exposedPorts: Object.keys(record(config.ExposedPorts ?? {}, where, 'ExposedPorts')),
      volumes: Object.keys(record(config.Volumes ?? {}, where, 'Volumes')),
      env: texts(config.Env ?? [], where, 'Env').map((entry) => entry.split('=', 1)[0] ?? ''),
    },
    rootfs: { diffIds, createdBy },
  };
}

/** Labels as reports may repeat them. */
function shown(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [
      name,
      isSecretName(name) && isSecretValue(value) ? '***' : withoutSecrets(value),
    ]),
  );
}

function record(value: unknown, where: string, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw wrong(where, `${what} is not an object`);
}

function list(value: unknown, where: string, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrong(where, `${what} is not a list`);
}

function text(value: unknown, where: string, what: string): string {
  if (typeof value === 'string') return value;
  throw wrong(where, `${what} is not text`);
}

function texts(value: unknown, where: string, what: string): readonly string[] {
  return list(value, where, what).map((entry) => text(entry, where, what));
}

function wrong(where: string, why: string): TidegateError {
  return new TidegateError('integrity', `${where}: ${why}.`, {
    next: 'Build the image again; if it stays so, whatever wrote its config is broken or hostile.',
  });
}
