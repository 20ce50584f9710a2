import { clipped } from '@tidegate/core';
import type { Remark } from '../finding.ts';
import { baseReference } from './image.ts';
import { volumesOfImage } from './official-volumes.ts';
import {
  commandsIn,
  type DockerfileRule,
  type Environment,
  pairsOf,
  type Subject,
  withEnvironment,
} from './subject.ts';

/** Servers with state, by package name, and the paths of their state. */
const SERVERS: readonly { readonly packages: RegExp; readonly folder: string }[] = [
  { packages: /^postgresql\d*(?:-\d+|-server)?$/, folder: '/var/lib/postgresql' },
  { packages: /^(?:default-)?mysql-server(?:-[\d.]+)?$|^mysql$/, folder: '/var/lib/mysql' },
  { packages: /^mariadb(?:-server)?(?:-[\d.]+)?$/, folder: '/var/lib/mysql' },
  { packages: /^mongodb(?:-org|-server)?$/, folder: '/var/lib/mongodb' },
  { packages: /^(?:redis|redis-server|valkey|valkey-server)$/, folder: '/var/lib/redis' },
  { packages: /^rabbitmq-server$/, folder: '/var/lib/rabbitmq' },
  { packages: /^(?:elasticsearch|opensearch)$/, folder: '/var/lib/elasticsearch' },
  { packages: /^influxdb2?$/, folder: '/var/lib/influxdb' },
  { packages: /^(?:slapd|openldap-servers)$/, folder: '/var/lib/ldap' },
  { packages: /^(?:prometheus|grafana|couchdb|cassandra|neo4j|etcd|consul|minio)$/, folder: '/var/lib' },
];

/** Folders for state, by their name, except those of package managers and the system. */
const STATE =
  /^\/(?:var\/(?:lib|opt|spool|mail|data|backups?)\/(?!(?:apt|dpkg|pam|systemd|rpm|dnf|yum|apk|misc|polkit-1|ucf|shells|python|ghc|gems|alternatives|update-rc|ca-certificates|dbus|initramfs|cloud|nginx|locales|cron)(?:[/.]|$)).+|(?:data|storage|uploads|state|db|database)(?:\/|$).*)/i;
const NAMES_STATE =
  /(?:^|_)(?:data|state|storage|uploads?|media|db|database|sqlite|persist(?:ence|ent)?|pgdata)(?:_?(?:dir(?:ectory)?|path|file|home|folder|root|location|url|uri|dsn))?$/i;
const ALWAYS_DATA = /^(?:PGDATA|MYSQL_DATADIR|MONGO_DATA|REDIS_DATA)$/;
const NOT_STATE = /^\/(?:dev|proc|sys|tmp|run|etc|usr|bin|sbin|lib|lib64)(?:\/|$)/;

interface Kept {
  readonly line: number;
  readonly path: string;
  readonly how: string;
}

/** State in folders without a VOLUME and without a known mount. */
export const state: DockerfileRule = (subject) => {
  const volumes = new Set(declaredByBase(subject));
  for (const mount of subject.settings.mounts ?? []) volumes.add(clean(mount));
  const kept: Kept[] = [];
  let folder = '/';
  for (const { instruction, environment } of withEnvironment(subject, subject.lineage)) {
    const { keyword, args, startLine: line } = instruction;
    const path = (word: string) => absolute(environment.expand(word).text, folder);
    if (keyword === 'VOLUME') for (const word of args) volumes.add(path(word));
    if (keyword === 'WORKDIR') folder = path(args[0] ?? '/');
    if (keyword === 'WORKDIR' && STATE.test(folder)) kept.push({ line, path: folder, how: 'WORKDIR' });
    if (keyword === 'ENV') kept.push(...named(pairsOf(instruction), environment, line));
    if ((keyword === 'COPY' || keyword === 'ADD') && args.length > 1) {
      const target = path(args.at(-1) ?? '');
      if (STATE.test(target)) kept.push({ line, path: target, how: keyword });
    }
    for (const { command, program, line: at } of commandsIn(instruction)) {
      const words = command.words.slice(1).map(({ text }) => text);
      kept.push(...installed(program, words, at), ...made(program, words, path, at));
    }
  }
  const seen = new Set<string>();
  return kept.flatMap(({ line, path, how }): Remark[] => {
    if (isCovered(path, volumes) || seen.has(path)) return [];
    seen.add(path);
    const message = `${how} keeps state in ${clipped(path)}, which is neither a VOLUME nor a mount.`;
    return [
      {
        rule: 'state-in-container',
        line,
        message,
        fix: `Declare VOLUME ${clipped(path)}, and mount it where the image runs.`,
      },
    ];
  });
};

function declaredByBase(subject: Subject): readonly string[] {
  return volumesOfImage(baseReference(subject.lineage[0]?.from.text ?? '').name);
}

function named(pairs: ReturnType<typeof pairsOf>, environment: Environment, line: number): Kept[] {
  return pairs.flatMap(({ key, value }): Kept[] => {
    if (!NAMES_STATE.test(key) && !ALWAYS_DATA.test(key)) return [];
    const { text, unknown } = environment.expand(value);
    const [, file] = /^(?:sqlite3?|file):(?:\/\/)?(\/.*)$/i.exec(text) ?? [];
    const path = clean((file ?? text).replace(/^\/{2,}/, '/'));
    // For an SQLite file, the folder is mounted.
    if (!path.startsWith('/') || path === '/' || NOT_STATE.test(path) || unknown.length > 0) return [];
    const place = /\.(?:db|sqlite3?|sql|json)$/i.test(path) ? clean(path.replace(/\/[^/]*$/, '')) : path;
    return place === '' ? [] : [{ line, path: place, how: `ENV ${clipped(key, 40)}` }];
  });
}

function installed(program: string, words: readonly string[], line: number): Kept[] {
  if (!/^(?:apt|apt-get|apk|yum|dnf|microdnf|zypper)$/.test(program)) return [];
  if (!words.some((word) => /^(?:install|add|in)$/.test(word))) return [];
  return words.flatMap((word): Kept[] => {
    const name = word.replace(/[=:~].*/s, '');
    const server = SERVERS.find(({ packages }) => packages.test(name));
    if (!server) return [];
    const path = server.folder === '/var/lib' ? `/var/lib/${name}` : server.folder;
    return [{ line, path, how: `${program} installs ${clipped(name, 40)}, which` }];
  });
}

function made(program: string, words: readonly string[], path: (word: string) => string, line: number): Kept[] {
  const makes = program === 'mkdir' || (program === 'install' && words.some((word) => /^-[a-zA-Z]*d/.test(word)));
  if (!makes) return [];
  return words
    .filter((word) => !word.startsWith('-'))
    .map((word) => path(word))
    .filter((folder) => STATE.test(folder))
    .map((folder) => ({ line, path: folder, how: `RUN ${program}` }));
}

function absolute(path: string, folder: string): string {
  return clean(path.startsWith('/') ? path : `${folder}/${path}`);
}

/** Removes `.`, duplicate and trailing slashes. `..` is kept, because it does not occur in practice. */
function clean(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return path.startsWith('/') ? `/${parts.join('/')}` : parts.join('/');
}

/** Whether the path or one of its parent folders is among them. */
function isCovered(path: string, volumes: ReadonlySet<string>): boolean {
  for (let folder = path; folder !== ''; folder = folder.slice(0, folder.lastIndexOf('/'))) {
    if (volumes.has(folder)) return true;
  }
  return volumes.has('/');
}
