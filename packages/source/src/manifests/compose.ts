import { clipped } from '@tidegate/core';
import type { ManifestContainer, Mount, User, Variable } from './container.ts';
import type { At, Item, YamlMap } from './yaml-map.ts';

const COMPOSE = /(?:^|\/)(?:docker-|podman-)?compose(?:[.-][^/]*)?\.ya?ml$/;

export function isCompose(file: string): boolean {
  return COMPOSE.test(file);
}

/** The services of a Compose file. */
export function* composeServices(document: YamlMap): Generator<ManifestContainer> {
  const services = document.map('services');
  for (const name of services?.names ?? []) {
    const service = services?.map(name);
    if (service) yield serviceOf(name, service, services?.lineOf(name) ?? service.line);
  }
}

function serviceOf(name: string, service: YamlMap, line: number): ManifestContainer {
  const image = service.text('image');
  const pull = service.text('pull_policy');
  const isBuilt = service.has('build');
  const limits = service.map('deploy')?.map('resources')?.map('limits');
  const words = [...service.items('entrypoint'), ...service.items('command')];
  return {
    format: 'compose',
    shown: `The service ${clipped(name)}`,
    line,
    isInit: false,
    isPatch: image === undefined && !isBuilt,
    isWindows: false,
    image,
    isBuilt,
    pull: pull && { ...pull, text: pull.text.toLowerCase() },
    isReadOnly: service.isTrue('read_only'),
    user: userOf(service.text('user')),
    mounts: [...service.items('volumes').flatMap(volumeOf), ...service.items('tmpfs').flatMap(tmpfsOf)],
    words: words.flatMap(({ text, line: at }) => (text === undefined ? [] : [{ text, line: at }])),
    variables: variablesOf(service),
    hasMemoryLimit: service.has('mem_limit') || limits?.has('memory') === true,
  };
}

function userOf(user: At | undefined): User {
  if (!user || user.text.includes('$')) return { kind: 'unset' };
  return /^(?:root|0+)(?::|$)/.test(user.text)
    ? { kind: 'root', how: `sets the user to ${clipped(user.text, 40)}`, line: user.line }
    : { kind: 'other' };
}

function volumeOf({ text, map, line }: Item): Mount[] {
  if (text !== undefined) return shortVolume(text, line);
  const target = map?.text('target');
  if (!map || !target) return [];
  const type = map.text('type')?.text ?? 'volume';
  const at = { path: target.text, line: target.line, isWritable: !map.isTrue('read_only') };
  if (type === 'tmpfs') return [{ ...at, storage: 'lost', shown: 'a tmpfs' }];
  const source = map.text('source')?.text;
  if (type === 'bind') return [{ ...at, ...host(source ?? '') }];
  return [{ ...at, ...(source === undefined ? ANONYMOUS : NAMED) }];
}

const ANONYMOUS = { storage: 'lost', shown: 'a volume without a name' } as const;
const NAMED = { storage: 'kept', shown: 'a volume' } as const;
const host = (path: string) => ({ storage: 'host', shown: `the folder ${clipped(path)} of the machine` }) as const;

/** `SOURCE:TARGET:OPTIONS`, or `TARGET` alone. A source that begins like a path is one. */
function shortVolume(text: string, line: number): Mount[] {
  // The colon of a default (`${DATA:-./data}`) separates nothing.
  const parts = text.replace(/\$\{[^{}]{0,200}\}/g, (variable) => variable.replaceAll(':', '\0')).split(':');
  const [source = '', path, options = ''] = parts.map((part) => part.replaceAll('\0', ':'));
  if (path === undefined) return [{ path: source, line, isWritable: true, ...ANONYMOUS }];
  const isPath = /^(?:[./~]|\$\{?(?:PWD|HOME)\b)|\$\{\w+:?-[./~]/.test(source);
  const isWritable = !options.split(',').includes('ro');
  return [{ path, line, isWritable, ...(isPath ? host(source) : NAMED) }];
}

function tmpfsOf({ text, line }: Item): Mount[] {
  const [path = ''] = (text ?? '').split(':', 1);
  return path === '' ? [] : [{ path, line, isWritable: true, storage: 'lost', shown: 'a tmpfs' }];
}

/** A mapping, or a list of `NAME=VALUE`. */
function variablesOf(service: YamlMap): Variable[] {
  const map = service.map('environment');
  if (map) {
    return map.names.flatMap((name) => {
      const value = map.text(name);
      return value ? [{ name, ...value }] : [];
    });
  }
  return service.items('environment').flatMap(({ text = '', line }) => {
    const equals = text.indexOf('=');
    return equals < 0 ? [] : [{ name: text.slice(0, equals), text: text.slice(equals + 1), line }];
  });
}
