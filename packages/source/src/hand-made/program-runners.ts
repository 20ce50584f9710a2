/** The last part of a function's name, where it runs what it is given. */
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
/** What a regular expression does with a text is called the same. */
export const NO_RUNNER =
  /(?:re|regexp?|pattern|matcher|rx|statement|stmt|cursor|db|database|session|connection|conn\.cursor)$/i;
export const ENGINE = /^(?:docker|podman|nerdctl|buildah|ctr|docker-compose|finch)$/;
/** Arguments with a name that hold what is run. */
export const KEYS =
  /^(?:args|argv|cmd|command|script|inline|inlineScript|commands|Args|Arguments|FileName|Path|cmdline)$/;
