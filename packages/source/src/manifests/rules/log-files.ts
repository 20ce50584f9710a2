import { clipped } from '@tidegate/core';
import type { Remark } from '../../finding.ts';
import type { ManifestContainer } from '../container.ts';
import type { At } from '../yaml-map.ts';
import type { ManifestRule } from './rule.ts';

const LOG = new Set(['log', 'logs', 'logging', 'accesslog', 'errorlog', 'auditlog']);
const PLACE = new Set(['file', 'filename', 'path', 'dir', 'directory', 'folder', 'output', 'out']);
const BOTH = new Set(['logfile', 'logpath', 'logdir', 'logfolder', 'logfilename']);

const SHELL_WRITES = [
  />{1,2}[ \t]{0,10}(\/[^\s;&|'"<>()]{1,300})/g,
  /\btee[ \t]{1,10}(?:-a[ \t]{1,10})?(\/[^\s;&|'"<>()]{1,300})/g,
];

/** Logs in files: options, variables, redirections, and volumes for them. */
export const logFiles: ManifestRule = (container) => {
  const { isInit, shown } = container;
  if (isInit) return [];
  const written = [...inVariables(container), ...inOptions(container.words), ...inScripts(container.words)];
  const seen = new Set<string>();
  const remarks = written.flatMap(({ text, line, how }): Remark[] => {
    if (seen.has(text)) return [];
    seen.add(text);
    return [{ rule: 'manifest-log-file', line, message: `${shown} logs to ${clipped(text)} (${clipped(how, 60)}).` }];
  });
  return [...remarks, ...inVolumes(container)];
};

interface Written extends At {
  readonly how: string;
}

function inVariables({ variables }: ManifestContainer): Written[] {
  return variables.flatMap(({ name, text, line }) => (isLog(name, text) ? [{ text, line, how: name }] : []));
}

/** `--log-file=/x`, `--log-file /x`, in a list or in one text. */
function inOptions(words: readonly At[]): Written[] {
  const single = words.flatMap(({ text, line }) =>
    text
      .split(/\s+/)
      .slice(0, 200)
      .map((one) => ({ text: one, line })),
  );
  return single.flatMap(({ text, line }, at): Written[] => {
    if (!text.startsWith('-')) return [];
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    const value = equals < 0 ? (single[at + 1]?.text ?? '') : text.slice(equals + 1);
    return isLog(name, value) ? [{ text: value, line, how: name }] : [];
  });
}

function inScripts(words: readonly At[]): Written[] {
  return words.flatMap(({ text, line }) => {
    const found = SHELL_WRITES.flatMap((write) => [...text.slice(0, 20_000).matchAll(write)]);
    return found.flatMap(([, path = '']) => (isLogPath(path) ? [{ text: path, line, how: 'its command' }] : []));
  });
}

/** A collector mounts the logs of others; that is a folder of the node, or read-only. */
function inVolumes({ mounts, shown }: ManifestContainer): Remark[] {
  return mounts.flatMap(({ isWritable, line, path, storage, shown: source }): Remark[] => {
    if (!isWritable || storage === 'host' || storage === 'given' || !/^\/var\/log(?:\/|$)/.test(path)) return [];
    const message = `${shown} mounts ${source} for log files at ${clipped(path)}.`;
    return [{ rule: 'manifest-log-file', line, message, atMost: 'note' }];
  });
}

/** Whether an option or variable of this name, with this value, names a file for logs. */
function isLog(name: string, value: string): boolean {
  if (!value.startsWith('/') || /^\/(?:dev|proc)\//.test(value)) return false;
  const parts = name.toLowerCase().split(/[-_.]+/);
  if (parts.some((part) => BOTH.has(part))) return true;
  return parts.some((part) => LOG.has(part)) && (parts.some((part) => PLACE.has(part)) || isLogPath(value));
}

function isLogPath(path: string): boolean {
  return /\.log$|\/logs?\//.test(path) && !/^\/(?:dev|proc)\//.test(path);
}
