import type { ListedPackage } from './listed.ts';
import { type Serialized, unserialized } from './php-serialized.ts';

/** A package of PEAR or PECL: `php/.registry/memcached.reg`, `php/.registry/.channel.pecl.php.net/xdebug.reg`. */
export function readPear(content: Buffer): readonly ListedPackage[] {
  const data = unserialized(content);
  const [name, channel] = [text(data, 'name'), text(data, 'channel')];
  const version = text(data, 'version', 'release');
  return name === '' ? [] : [{ key: `${channel}/${name}`, name, version, identity: version }];
}

/** Its installed files, by its own record. */
export function readPearFiles(content: Buffer): readonly string[] {
  const files = at(unserialized(content), 'filelist');
  if (files === undefined || typeof files === 'string') return [];
  return [...files.values()].map((file) => text(file, 'installed_as')).filter((path) => path.startsWith('/'));
}

function at(data: Serialized | undefined, key: string): Serialized | undefined {
  return data === undefined || typeof data === 'string' ? undefined : data.get(key);
}

function text(data: Serialized | undefined, ...keys: readonly string[]): string {
  const found = keys.reduce(at, data);
  return typeof found === 'string' ? found : '';
}
