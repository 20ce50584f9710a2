import { counted, TidegateError } from '@tidegate/core';
import * as v from 'valibot';
import { parseProtoJson } from '../statement/protojson.ts';
import { instant } from '../statement/shape.ts';
import type { Service } from './service.ts';

/** Services of one kind, best first, and how many of them are required. */
interface ServiceChoice {
  readonly services: readonly Service[];
  readonly count: number;
}

/** The services to sign with. */
export interface SigningServices {
  readonly name: string;
  readonly fulcio: readonly Service[];
  readonly rekor: ServiceChoice;
  readonly timestamps: ServiceChoice;
}

const MAX_BYTES = 1024 * 1024;

const ServiceShape = v.looseObject({
  url: v.pipe(v.string(), v.url()),
  majorApiVersion: v.number(),
  validFor: v.optional(v.looseObject({ start: v.optional(instant), end: v.optional(instant) }), {}),
  operator: v.optional(v.string(), ''),
});
const services = v.optional(v.array(ServiceShape), []);
const configuration = v.optional(
  v.looseObject({ selector: v.optional(v.string(), 'ANY'), count: v.optional(v.number(), 1) }),
  { selector: 'ANY', count: 1 },
);

/** sigstore/protobuf-specs `sigstore_trustroot.proto`, SigningConfig, as protojson. */
const SigningConfig = v.looseObject({
  mediaType: v.literal('application/vnd.dev.sigstore.signingconfig.v0.2+json'),
  caUrls: services,
  rekorTlogUrls: services,
  rekorTlogConfig: configuration,
  tsaUrls: services,
  tsaConfig: configuration,
});

/** API versions that this program supports, newest first. */
const VERSIONS = { fulcio: [1], rekor: [2, 1], timestamps: [1] } as const;

/**
 * Parse a signing config and select services as the comments of SigningConfig specify: valid now, of a supported
 * version, the highest version of each operator, the newest first.
 * @throws TidegateError `bad-input`
 */
export function parseSigningConfig(bytes: Uint8Array, now: Date, name: string): SigningServices {
  const config = read(bytes, name);
  const rekor = chosen(config.rekorTlogUrls, VERSIONS.rekor, now);
  const timestamps = chosen(config.tsaUrls, VERSIONS.timestamps, now);
  return {
    name,
    fulcio: chosen(config.caUrls, VERSIONS.fulcio, now),
    rekor: { services: rekor, count: countOf(config.rekorTlogConfig, rekor, 'rekorTlogConfig', name) },
    timestamps: { services: timestamps, count: countOf(config.tsaConfig, timestamps, 'tsaConfig', name) },
  };
}

function read(bytes: Uint8Array, name: string): v.InferOutput<typeof SigningConfig> {
  let value: unknown;
  try {
    value = parseProtoJson(bytes, 'The signing config', MAX_BYTES);
  } catch (cause) {
    throw unusable(name, cause instanceof Error ? cause.message : 'It cannot be read.', cause);
  }
  const result = v.safeParse(SigningConfig, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw unusable(name, `${v.getDotPath(issue) ?? 'It'} is missing or not in Sigstore's format.`);
}

function chosen(
  listed: readonly v.InferOutput<typeof ServiceShape>[],
  versions: readonly number[],
  now: Date,
): readonly Service[] {
  const usable = listed.filter(
    ({ majorApiVersion, validFor: { start, end } }) =>
      versions.includes(majorApiVersion) && (!start || start <= now) && (!end || now <= end),
  );
  const best = new Map<string, (typeof usable)[number]>();
  for (const one of usable.toSorted((a, b) => Number(b.validFor.start ?? 0) - Number(a.validFor.start ?? 0))) {
    // Without an operator, each service counts as a separate one.
    const key = one.operator || one.url;
    const held = best.get(key);
    if (!held || one.majorApiVersion > held.majorApiVersion) best.set(key, one);
  }
  return [...best.values()].map(({ url, majorApiVersion, operator }) => ({ url, majorApiVersion, operator }));
}

function countOf(
  { selector, count }: v.InferOutput<typeof configuration>,
  services: readonly Service[],
  field: string,
  name: string,
): number {
  switch (selector) {
    case 'ANY':
      return Math.min(1, services.length);
    case 'ALL':
      return services.length;
    case 'EXACT':
      if (count >= 1 && count <= services.length) return count;
      throw unusable(
        name,
        `${field} requires ${counted(count, 'service')}, but only ${services.length} of them ${services.length === 1 ? 'is' : 'are'} currently valid.`,
      );
    default:
      throw unusable(name, `${field} has an unknown selector.`);
  }
}

function unusable(name: string, why: string, cause?: unknown): TidegateError {
  return new TidegateError('signing-config-unusable', `The signing config ${name} cannot be used. ${why}`, {
    next: 'Use a signing config v0.2, as written by `cosign signing-config create`.',
    cause,
  });
}

const one = (url: string, majorApiVersion: number, operator: string): Service => ({ url, majorApiVersion, operator });
const any = (...services: readonly Service[]): ServiceChoice => ({ services, count: Math.min(1, services.length) });

/**
 * Sigstore's public services and the services of GitHub for private repositories, as listed in their signing configs.
 * They are built in, because fetching them would depend on one more service. Logs are named by year; a custom signing
 * config can specify the next one.
 */
export const SIGNING_SERVICES: Readonly<Record<'public-good' | 'github', SigningServices>> = {
  'public-good': {
    name: 'public-good',
    fulcio: [one('https://fulcio.sigstore.dev', 1, 'sigstore.dev')],
    rekor: any(
      one('https://log2025-1.rekor.sigstore.dev', 2, 'sigstore.dev'),
      one('https://rekor.sigstore.dev', 1, 'sigstore.dev'),
    ),
    timestamps: any(one('https://timestamp.sigstore.dev/api/v1/timestamp', 1, 'sigstore.dev')),
  },
  github: {
    name: 'github',
    fulcio: [one('https://fulcio.githubapp.com', 1, 'github.com')],
    rekor: any(),
    timestamps: any(one('https://timestamp.githubapp.com/api/v1/timestamp', 1, 'github.com')),
  },
};
