/** Signals to a child that was started `detached`, and so leads its own process group: to everything it started, too. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ESRCH: nobody is left. EPERM: somebody is, whom we may not signal (macOS says so of zombies as well).
    if (code === 'ESRCH') return false;
    if (code === 'EPERM') return true;
    throw error;
  }
}
