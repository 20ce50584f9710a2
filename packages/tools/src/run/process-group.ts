/**
 * Send a signal to a child that was started `detached`, and so leads its own process group, and to all its child
 * processes.
 */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ESRCH: no process is left. EPERM: a process exists that we may not signal (macOS reports this for zombies as
    // well).
    if (code === 'ESRCH') return false;
    if (code === 'EPERM') return true;
    throw error;
  }
}
