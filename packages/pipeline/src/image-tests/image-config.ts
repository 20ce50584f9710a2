import { MANIFEST_LIMIT, type Manifest, parseStrictJson } from '@tidegate/core';
import * as v from 'valibot';
import type { Target } from '../target.ts';

/** The part of an image's config that tests read, as it is written: reports show only what a test is about. */
export interface ImageConfig {
  readonly env: readonly string[];
  readonly labels: ReadonlyMap<string, string>;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly workdir: string;
  readonly user: string;
  /** `8080` and `8080/tcp`: the original's own drivers differ. */
  readonly ports: ReadonlySet<string>;
  readonly volumes: ReadonlySet<string>;
}

const texts = v.nullish(v.array(v.string()), []);
const keys = v.nullish(v.record(v.string(), v.unknown()), {});
const Config = v.looseObject({
  config: v.nullish(
    v.looseObject({
      Env: texts,
      Labels: v.nullish(v.record(v.string(), v.string()), {}),
      Entrypoint: texts,
      Cmd: texts,
      WorkingDir: v.nullish(v.string(), ''),
      User: v.nullish(v.string(), ''),
      ExposedPorts: keys,
      Volumes: keys,
    }),
    {},
  ),
});

export async function imageConfig({ layout }: Target, manifest: Manifest): Promise<ImageConfig> {
  const bytes = await layout.fetchBytes(manifest.config, { limit: MANIFEST_LIMIT });
  const { config } = v.parse(Config, parseStrictJson(bytes, `config ${manifest.config.digest}`));
  const ports = Object.keys(config.ExposedPorts ?? {});
  return {
    env: config.Env ?? [],
    labels: new Map(Object.entries(config.Labels ?? {})),
    entrypoint: config.Entrypoint ?? [],
    cmd: config.Cmd ?? [],
    workdir: config.WorkingDir ?? '',
    user: config.User ?? '',
    ports: new Set([...ports, ...ports.map((port) => port.replace(/\/.*/, ''))]),
    volumes: new Set(Object.keys(config.Volumes ?? {})),
  };
}

export function inEnvironment({ env }: ImageConfig): ReadonlyMap<string, string> {
  return new Map(
    env.map((entry) => {
      const equals = entry.indexOf('=');
      return equals < 0 ? [entry, ''] : [entry.slice(0, equals), entry.slice(equals + 1)];
    }),
  );
}

/** `$NAME` and `${NAME}` become the image's variable, or nothing (Go's `os.Expand`). */
export function expanded(text: string, config: ImageConfig): string {
  const env = inEnvironment(config);
  return text.replaceAll(/\$\{[^${}]*\}|\$(?:[A-Za-z_][A-Za-z0-9_]*|[*#$@!?0-9-])/g, (found) => {
    const name = found.startsWith('${') ? found.slice(2, -1) : found.slice(1);
    return env.get(name) ?? '';
  });
}
