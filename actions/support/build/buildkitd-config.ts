import { X509Certificate } from 'node:crypto';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { assertFile, badInput, messageOf, type SourcePolicy, TidegateError, unreadablePath } from '@tidegate/core';
import type { Job } from '@tidegate/runner';
import { type BuildkitConfig, readBuildkitConfig } from '@tidegate/tools';

interface ConfigInputs {
  readonly 'buildkitd-config': string;
  readonly 'buildkitd-config-inline': string;
  readonly builder: string;
  readonly 'builder-endpoints'?: readonly string[];
}

export interface ChosenConfig {
  readonly config: BuildkitConfig;
  /** Absolute paths of the files that it was read from. */
  readonly files: readonly string[];
}

/**
 * The settings for our own BuildKit, with the content of its certificates; undefined if there are none.
 * @throws TidegateError `bad-input` for a file that cannot be read, a setting that is not allowed, and for a builder that
 * the settings cannot apply to
 */
export async function buildkitdConfig(inputs: ConfigInputs, job: Job): Promise<ChosenConfig | undefined> {
  const { 'buildkitd-config': path, 'buildkitd-config-inline': inline, builder } = inputs;
  if (path === '' && inline === '') return undefined;
  const input = path === '' ? 'buildkitd-config-inline' : 'buildkitd-config';
  if (path !== '' && inline !== '') {
    throw badInput('input-conflict', input, path, 'no buildkitd-config-inline beside it', 'Remove one of the two.');
  }
  const hasNodes = (inputs['builder-endpoints'] ?? []).length > 0;
  const own = hasNodes ? 'builder-endpoints' : builder || job.env.BUILDKIT_HOST;
  if (own) {
    const next = 'Configure that builder where it is created, or remove the input.';
    throw badInput('input-conflict', input, path || '(text)', `a BuildKit that this action starts, not ${own}`, next);
  }
  const file = path === '' ? undefined : resolve(job.workspace, path);
  const read = await readBuildkitConfig(file === undefined ? inline : await textOf(file, input, path), input);
  const files = read.registries.flatMap(({ ca }) => ca).map((one) => resolve(job.workspace, one));
  const registries = await Promise.all(
    read.registries.map(async ({ ca, ...registry }) => ({
      ...registry,
      ca: await Promise.all(ca.map((one) => certificates(resolve(job.workspace, one), input, one))),
    })),
  );
  return { config: { ...read, registries }, files: [...(file === undefined ? [] : [file]), ...files] };
}

/**
 * A mirror chooses the content of every image that is not pinned by a digest, under the name of the original. So the
 * workflow alone does not grant it; the policy must, which may extend one of the organisation.
 * @throws TidegateError `bad-input` for a mirror that the policy does not list
 */
export function assertMirrors(chosen: ChosenConfig | undefined, { mirrors: allowed = [] }: SourcePolicy): void {
  for (const { host, mirrors } of chosen?.config.registries ?? []) {
    const mirror = mirrors.find((one) => !allowed.includes(one));
    if (mirror === undefined) continue;
    throw new TidegateError(
      'build-mirror',
      `Input buildkitd-config: the policy does not allow ${mirror} as a mirror of ${host}.`,
      {
        next: `Add ${mirror} to build.mirrors in the policy, and in each policy that it extends, or remove it from the configuration.`,
      },
    );
  }
}

/** The mirrors of each registry, for the provenance. */
export function mirrorsOf(chosen: ChosenConfig | undefined): Readonly<Record<string, readonly string[]>> | undefined {
  const registries = chosen?.config.registries.filter(({ mirrors }) => mirrors.length > 0) ?? [];
  if (registries.length === 0) return undefined;
  return Object.fromEntries(registries.map(({ host, mirrors }) => [host, mirrors]));
}

/** In bytes. */
const LARGEST = 1024 * 1024;

async function textOf(file: string, input: string, shown: string): Promise<string> {
  try {
    await using handle = await open(file);
    const found = await handle.stat();
    assertFile(found, LARGEST);
    return await handle.readFile('utf8');
  } catch (error) {
    throw unreadablePath(`Input ${input}`, shown, 'a readable file', error, file);
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM file, and nothing else of it: a key beside them does not reach the builder. */
async function certificates(file: string, input: string, shown: string): Promise<string> {
  const found = (await textOf(file, input, shown)).match(CERTIFICATE) ?? [];
  try {
    if (found.length === 0) throw new Error('it has none');
    for (const one of found) new X509Certificate(one);
  } catch (error) {
    const next = `Check the file: ${messageOf(error)}.`;
    throw badInput('input-path-unusable', input, shown, 'a file with certificates in PEM', next);
  }
  return `${found.join('\n')}\n`;
}
