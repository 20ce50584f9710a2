/** Last name parts of functions that run their arguments. */
export const RUNS = new RegExp(
  `^(?:${[
    ...['system', 'popen', 'Popen', 'run', 'call', 'check_call', 'check_output', 'getoutput', 'getstatusoutput'],
    ...['create_subprocess_shell', 'create_subprocess_exec', 'exec_command', 'runcmd', 'execute'],
    ...['exec', 'execSync', 'execFile', 'execFileSync', 'spawn', 'spawnSync', 'spawn_sync', 'x', 'fork', 'execCommand'],
    ...[
      'execa',
      'execaSync',
      'execaCommand',
      'execaCommandSync',
      'getExecOutput',
      'execAsync',
      'execPromise',
      'Cmd',
      'Exec',
    ],
    ...[
      'execv',
      'execvp',
      'execve',
      'execvpe',
      'execl',
      'execlp',
      'spawnv',
      'spawnvp',
      'spawnl',
      'spawnlp',
      'posix_spawn',
    ],
    ...[
      'sh',
      'bat',
      'shell',
      'bash',
      'local',
      'sudo',
      'cmd',
      'command',
      'powershell',
      'pwsh',
      'sshCommand',
      'provision',
    ],
    ...['Command', 'CommandContext', 'Run', 'RunV', 'Output', 'ForkExec', 'StartProcess', 'Start', 'ProcessStartInfo'],
    ...['capture2', 'capture2e', 'capture3', 'pipeline', 'shell_exec', 'passthru', 'proc_open', 'pcntl_exec'],
    ...['Process', 'fromShellCommandline', 'ProcessBuilder', 'commandLine', 'runCommand', 'run_command', 'runCmd'],
  ].join('|')})$`,
);
/** Methods of regular expressions with the same name. */
export const NO_RUNNER =
  /(?:re|regexp?|pattern|matcher|rx|statement|stmt|cursor|db|database|session|connection|conn\.cursor)$/i;
export const ENGINE = /^(?:docker|podman|nerdctl|buildah|ctr|docker-compose|finch)$/;
/** Named arguments that contain the command. */
export const KEYS =
  /^(?:args|argv|cmd|command|script|inline|inlineScript|commands|Args|Arguments|FileName|Path|cmdline)$/;
