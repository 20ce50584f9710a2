import { isIP } from 'node:net';
import { isRecord, messageOf, TidegateError } from '@tidegate/core';
import type { BuildkitConfig, RegistrySettings, TomlValue } from './config.ts';

type Table = Readonly<Record<string, unknown>>;
type Read = (value: unknown) => TomlValue | undefined;

/** Reasons for keys that people look for; every other key is refused, too. */
const REFUSED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'insecure-entitlements': 'privileges of steps come from the input allow and from build.entitlements of the policy',
    root: 'the input buildkit-state chooses the folder of the state',
    grpc: 'it would let other clients into the builder of this job',
    debug: 'the log of the daemon is not shown',
    trace: 'the log of the daemon is not shown',
    log: 'the log of the daemon is not shown',
    history: 'the builder does not outlive the job, or keeps no records of builds',
    frontend: 'source rules and the commit decide on frontends',
    cdi: 'devices are a privilege: list device in the input allow and in build.entitlements of the policy',
    'worker.containerd': 'the builder uses its OCI worker',
    'worker.oci.enabled': 'the builder needs its OCI worker',
    'worker.oci.rootless': 'the input rootless chooses it',
    'worker.oci.noProcessSandbox': 'it would let steps see the processes of the builder',
    'worker.oci.networkMode': 'the input network chooses the network of steps',
    'worker.oci.cniConfigPath': 'the input network chooses the network of steps',
    'worker.oci.cniBinaryPath': 'the input network chooses the network of steps',
    'worker.oci.binary': 'it would run another program than the pinned runc',
    'worker.oci.apparmor-profile': 'it would change the isolation of steps',
    'worker.oci.selinux': 'it would change the isolation of steps',
    'worker.oci.defaultCgroupParent': 'the input cgroup-parent chooses it',
    'worker.oci.platforms': 'the builder finds out which platforms the machine runs',
  }),
);

const text: Read = (value) => (typeof value === 'string' && value !== '' ? value : undefined);
const flag: Read = (value) => (typeof value === 'boolean' ? value : undefined);
const texts = (isOne: (one: string) => boolean): Read => {
  return (value) =>
    Array.isArray(value) && value.every((one): one is string => typeof one === 'string' && isOne(one))
      ? value
      : undefined;
};
const count: Read = (value) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 1024 ? value : undefined;
const size: Read = (value) => {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 ? value : undefined;
  return typeof value === 'string' && /^[0-9]{1,12}(%|[KMGT]?B)?$/.test(value) ? value : undefined;
};
const MIRROR = /^[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

interface Setting {
  readonly read: Read;
  readonly expected: string;
}
type Settings = Readonly<Record<string, Setting>>;

const SIZE: Setting = { read: size, expected: 'a size such as "20GB", "10%" or a number of bytes' };
const WORKER: Settings = {
  'max-parallelism': { read: count, expected: 'a number from 1 to 1024' },
  gc: { read: flag, expected: 'true or false' },
  gckeepstorage: SIZE,
  reservedSpace: SIZE,
  maxUsedSpace: SIZE,
  minFreeSpace: SIZE,
};
const DNS: Settings = {
  nameservers: { read: texts((one) => isIP(one) !== 0), expected: 'a list of IP addresses' },
  options: { read: texts((one) => /^[a-z0-9:-]{1,64}$/.test(one)), expected: 'a list of options such as "edns0"' },
  searchDomains: { read: texts((one) => /^[A-Za-z0-9._-]{1,253}$/.test(one)), expected: 'a list of domains' },
};
const REGISTRY: Settings = {
  mirrors: { read: texts((one) => MIRROR.test(one)), expected: 'a list of HOST, HOST:PORT or HOST/PATH' },
  ca: { read: texts((one) => text(one) !== undefined), expected: 'a list of paths of PEM files' },
  http: { read: flag, expected: 'true or false' },
  insecure: { read: flag, expected: 'true or false' },
};
const HOST = /^[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]{1,5})?$/;
/** Connections to these addresses do not leave the machine. */
const LOOPBACK = /^(localhost|127\.[0-9.]+)(:[0-9]{1,5})?$/;
/** In characters. */
const LONGEST = 64 * 1024;

/**
 * Read buildkitd.toml, reduced to settings that change neither what a build may do nor who may reach the builder.
 * @param input name of the input, for errors
 * @returns with paths of certificates as they are written
 * @throws TidegateError `bad-input` for text that is not TOML, and for every other setting
 */
export async function readBuildkitConfig(toml: string, input: string): Promise<BuildkitConfig> {
  const { registry = {}, worker = {}, dns, ...others } = await parsed(toml, input);
  const reader = new Reader(input);
  reader.refuse('', others);
  const { oci = {}, ...otherWorkers } = reader.table('worker', worker);
  reader.refuse('worker.', otherWorkers);
  return {
    registries: Object.entries(reader.table('registry', registry)).map(([host, table]) => reader.registry(host, table)),
    worker: reader.settings('worker.oci', oci, WORKER),
    dns: dns === undefined ? undefined : reader.settings('dns', dns, DNS),
  };
}

async function parsed(toml: string, input: string): Promise<Table> {
  if (toml.length > LONGEST) throw invalid(`Input ${input}: the file has more than ${LONGEST} characters.`);
  const { parse } = await import('smol-toml');
  try {
    return parse(toml);
  } catch (error) {
    // Its message shows the line, which may be long.
    const [first = ''] = messageOf(error).split('\n');
    throw invalid(`Input ${input}: the file is not valid TOML: ${first}.`);
  }
}

const NEXT = 'Correct it: docs/builders.md lists the supported settings.';

function invalid(message: string, next: string = NEXT): TidegateError {
  return new TidegateError('buildkitd-config-invalid', message, { next });
}

class Reader {
  readonly #input: string;

  constructor(input: string) {
    this.#input = input;
  }

  table(name: string, value: unknown): Table {
    if (isRecord(value)) return value;
    throw invalid(`Input ${this.#input}: ${name} is not a table.`);
  }

  refuse(prefix: string, others: Table): void {
    const [key] = Object.keys(others);
    if (key === undefined) return;
    const name = `${prefix}${key}`;
    const why = REFUSED.get(name) ?? 'it is not one of the supported settings';
    throw invalid(`Input ${this.#input}: ${name} cannot be set: ${why}.`, 'Remove it from the file.');
  }

  settings(name: string, value: unknown, known: Settings): Readonly<Record<string, TomlValue>> {
    const table = this.table(name, value);
    const found: Record<string, TomlValue> = {};
    for (const [key, written] of Object.entries(table)) {
      const setting = Object.hasOwn(known, key) ? known[key] : undefined;
      if (setting === undefined) this.refuse(`${name}.`, { [key]: written });
      const value = setting?.read(written);
      if (value === undefined) throw invalid(`Input ${this.#input}: ${name}.${key} is not ${setting?.expected}.`);
      found[key] = value;
    }
    return found;
  }

  registry(host: string, value: unknown): RegistrySettings {
    if (!HOST.test(host)) {
      throw invalid(`Input ${this.#input}: registry ${JSON.stringify(host)} is not HOST or HOST:PORT.`);
    }
    const {
      mirrors = [],
      ca = [],
      http,
      insecure,
    } = this.settings(`registry.${JSON.stringify(host)}`, value, REGISTRY);
    for (const [key, isSet] of Object.entries({ http, insecure })) {
      if (isSet !== true || LOOPBACK.test(host)) continue;
      throw invalid(
        `Input ${this.#input}: ${key} = true for ${host}: a registry without a verified certificate is only allowed on loopback.`,
        'Set ca to the certificate of its authority.',
      );
    }
    return {
      host,
      mirrors: (mirrors as readonly string[]).map((one) => one.toLowerCase()),
      ca: ca as readonly string[],
      http: http as boolean | undefined,
      insecure: insecure as boolean | undefined,
    };
  }
}
