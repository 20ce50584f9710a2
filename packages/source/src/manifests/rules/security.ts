import type { Remark } from '../../finding.ts';
import type { ManifestRule } from './rule.ts';

/** A container whose user is root, or (Kubernetes) may be. */
export const rootUser: ManifestRule = ({ format, isPatch, isWindows, line, shown, user }) => {
  const remark = (at: number, message: string): Remark[] => [{ rule: 'manifest-root-user', line: at, message }];
  if (user.kind === 'root') return remark(user.line, `${shown} ${user.how}.`);
  // Compose cannot require a user other than root; the rule root-user checks the Dockerfile.
  if (user.kind === 'other' || format === 'compose' || isPatch || isWindows) return [];
  return remark(line, `${shown} does not set runAsNonRoot, so it runs as root if its image does.`);
};

/** Files written outside of the mounts are lost with the container. */
export const writableRoot: ManifestRule = ({ format, isPatch, isReadOnly, isWindows, line, shown }) => {
  if (isReadOnly || isPatch || isWindows) return [];
  const rule = 'manifest-writable-root';
  if (format === 'kubernetes') {
    return [{ rule, line, message: `${shown} can write outside of its volumes: readOnlyRootFilesystem is not true.` }];
  }
  const message = `${shown} can write outside of its volumes: read_only is not true.`;
  return [
    { rule, line, message, fix: 'Set read_only: true, and list what it writes in tmpfs or volumes.', atMost: 'note' },
  ];
};

/** Without a limit, one container takes the memory of all others on its machine. */
export const memoryLimit: ManifestRule = ({ format, hasMemoryLimit, isInit, isPatch, isWindows, line, shown }) => {
  if (hasMemoryLimit || isInit || isPatch || isWindows) return [];
  const fix = format === 'compose' ? { fix: 'Set mem_limit, or deploy.resources.limits.memory.' } : {};
  return [{ rule: 'manifest-no-memory-limit', line, message: `${shown} has no memory limit.`, ...fix }];
};
