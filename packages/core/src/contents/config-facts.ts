import { isSecretName, isSecretValue } from '../credentials/names.ts';
import { TidegateError } from '../error.ts';
import { type Digest, isDigest } from '../image/digest.ts';
import { isRecord } from '../text/json.ts';
import { counted } from '../text/wording.ts';
import { instructionOf } from './history.ts';
import type { ConfigFacts } from './image-contents.ts';
import { withoutSecrets } from './secrets.ts';

/** The part of an image's config to compare layers with. */
export interface ConfigLayers {
  readonly diffIds: readonly Digest[];
  /** For each layer, the instruction that created it. */
  readonly createdBy: readonly (string | undefined)[];
}

const ADDED_BY_BUILDKIT = 'buildkit.exporter.image.v0';

/**
 * BuildKit adds missing entries at the end, although the layers without one are those of the base image
 * (exporter/containerimage/writer.go). If all entries are BuildKit's, they are in order.
 */
function isFilledUp(
  { comment }: Readonly<Record<string, unknown>>,
  at: number,
  all: readonly Readonly<Record<string, unknown>>[],
) {
  return comment === ADDED_BY_BUILDKIT && at > 0 && all[at - 1]?.comment !== ADDED_BY_BUILDKIT;
}

/**
 * Reads an image's config (OCI image-spec, config.md; Docker's has the same fields). Credentials in its texts are
 * replaced by `***`, because reports show these texts.
 * @param value the parsed JSON @param where prefix of error messages
 * @param redact removes masked secrets from an instruction, before it is cut
 * @throws TidegateError `integrity` if a field has another type, or the number of diff_ids differs from the layers.
 */
export function readConfig(
  value: unknown,
  layers: number,
  where: string,
  redact: (text: string) => string = (text) => text,
): { facts: ConfigFacts; rootfs: ConfigLayers } {
  const fields = record(value, where, 'the config');
  const config = record(fields.config ?? {}, where, 'config');
  const rootfs = record(fields.rootfs ?? {}, where, 'rootfs');
  const diffIds = list(rootfs.diff_ids ?? [], where, 'diff_ids').map((id) => {
    if (!isDigest(id)) throw wrong(where, 'a diff_id is not a digest');
    return id;
  });
  if (diffIds.length !== layers) throw wrong(where, `${diffIds.length} diff_ids for ${counted(layers, 'layer')}`);
  const history = list(fields.history ?? [], where, 'history').map((entry) => record(entry, where, 'history'));
  const made = history.filter((entry) => entry.empty_layer !== true);
  // History is optional, and some builders write it only for some layers: then it cannot be assigned to layers.
  const isOfLayers = made.length === diffIds.length && !made.some(isFilledUp);
  const createdBy = diffIds.map((_, at) => {
    const by = isOfLayers ? made[at]?.created_by : undefined;
    return typeof by === 'string' ? instructionOf(redact(by)) : undefined;
  });
  const healthcheck = texts(record(config.Healthcheck ?? {}, where, 'Healthcheck').Test ?? [], where, 'Healthcheck');
  const labels = record(config.Labels ?? {}, where, 'Labels');
  for (const label of Object.values(labels)) if (typeof label !== 'string') throw wrong(where, 'a label is not text');
  return {
    facts: {
      user: text(config.User ?? '', where, 'User'),
      entrypoint: texts(config.Entrypoint ?? [], where, 'Entrypoint').map(withoutSecrets),
      cmd: texts(config.Cmd ?? [], where, 'Cmd').map(withoutSecrets),
      healthcheck: healthcheck.length > 0 && healthcheck[0] !== 'NONE' ? healthcheck.map(withoutSecrets) : undefined,
      labels: shown(labels as Readonly<Record<string, string>>),
      exposedPorts: Object.keys(record(config.ExposedPorts ?? {}, where, 'ExposedPorts')),
      volumes: Object.keys(record(config.Volumes ?? {}, where, 'Volumes')),
      env: texts(config.Env ?? [], where, 'Env').map((entry) => entry.split('=', 1)[0] ?? ''),
    },
    rootfs: { diffIds, createdBy },
  };
}

/** Labels in a form that reports may show. */
function shown(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [
      name,
      isSecretName(name) && isSecretValue(value) ? '***' : withoutSecrets(value),
    ]),
  );
}

function record(value: unknown, where: string, what: string): Readonly<Record<string, unknown>> {
  if (isRecord(value)) return value as Record<string, unknown>;
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
  return new TidegateError('image-inconsistent', `${where}: ${why}.`, {
    next: 'Build the image again; if the error persists, the tool that wrote its config is broken or hostile.',
  });
}
