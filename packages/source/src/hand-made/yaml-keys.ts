/** The keys of YAML files that contain commands. */

/** A list under `scripts` has one script per item; under `argv` it is one command. */
export interface Keys {
  readonly scripts: RegExp;
  readonly argv?: RegExp;
  /** Lists under these keys form one command together with the map's `command` or `entrypoint`. */
  readonly args?: RegExp;
  /** For tools with templates such as `{{.NAME}}`. */
  readonly isTemplate?: true;
  /** JSON with comments. */
  readonly isJson?: true;
  /** For all other YAML files: an unreadable file is ignored. */
  readonly isGuess?: true;
}

const WORKFLOW: Keys = { scripts: /^(?:run|script)$/ };
const GITLAB: Keys = { scripts: /^(?:script|before_script|after_script|pre_get_sources_script)$/ };
const AZURE: Keys = { scripts: /^(?:script|bash|pwsh|powershell)$/ };
const WOODPECKER: Keys = { scripts: /^commands$/ };
const COMMANDS: Keys = { scripts: /^(?:commands?|script)$/ };

/** The first match counts. */
const KEYS: readonly {
  readonly file?: RegExp;
  /** Folders in which every YAML file matches, at any depth. */
  readonly folders?: readonly string[];
  readonly keys: Keys;
}[] = [
  {
    folders: ['.github', '.gitea', '.forgejo'].flatMap((one) => [`${one}/workflows`, `${one}/actions`]),
    keys: WORKFLOW,
  },
  { file: /(?:^|\/)action\.ya?ml$/, keys: WORKFLOW },
  {
    file: /(?:^|\/)(?:docker-|podman-)?compose(?:[.-][^/]*)?\.ya?ml$/,
    keys: { scripts: /^(?:command|test)$/, argv: /^(?:command|entrypoint|test)$/, args: /^command$/ },
  },
  {
    file: /(?:^|\/)Taskfile(?:[.-][^/]*)?\.ya?ml$/i,
    keys: { scripts: /^(?:cmds?|sh|status|preconditions|defer)$/, isTemplate: true },
  },
  { file: /(?:^|\/)\.gitlab-ci(?:[.-][^/]*)?\.ya?ml$/, folders: ['.gitlab', '.gitlab-ci'], keys: GITLAB },
  { file: /(?:^|\/)\.circleci\/[^/]*\.ya?ml$/, keys: { scripts: /^(?:run|command)$/ } },
  {
    file: /(?:^|\/)\.?azure-pipelines[^/]*\.ya?ml$/,
    folders: ['pipelines', '.pipelines', 'azure-pipelines', '.azure-pipelines'],
    keys: AZURE,
  },
  { file: /(?:^|\/)bitbucket-pipelines\.ya?ml$/, keys: { scripts: /^(?:script|after-script)$/ } },
  { file: /(?:^|\/)\.(?:drone|woodpecker)[^/]*\.ya?ml$/, folders: ['.woodpecker'], keys: WOODPECKER },
  {
    file: /(?:^|\/)\.travis\.ya?ml$/,
    keys: { scripts: /^(?:before_|after_)?(?:script|install|deploy|success|failure)$/ },
  },
  { file: /(?:^|\/)buildspec[^/]*\.ya?ml$/, keys: WOODPECKER },
  { file: /(?:^|\/)\.?(?:lefthook|pre-commit-config)\.ya?ml$/, keys: { scripts: /^(?:run|entry)$/ } },
  { folders: ['.buildkite', '.semaphore'], keys: COMMANDS },
  { file: /(?:^|\/)\.cirrus\.ya?ml$/, keys: { scripts: /(?:^|_)script$/ } },
  {
    file: /(?:^|\/)\.?appveyor\.ya?ml$/,
    keys: {
      scripts: /^(?:cmd|ps|pwsh|sh|(?:before_|after_)?(?:build|test|deploy|install)(?:_script)?|install|on_\w+)$/,
    },
  },
  { file: /(?:^|\/)cloudbuild[^/]*\.ya?ml$/, keys: { scripts: /^script$/, args: /^args$/ } },
  { file: /(?:^|\/)\.?devcontainer\.json$/, keys: { scripts: /Command$/, argv: /Command$/, isJson: true } },
  { file: /(?:^|\/)\.vscode\/tasks\.json$/, keys: { scripts: /^command$/, args: /^args$/, isJson: true } },
];

const MANIFEST: Keys = { scripts: /^script$/, argv: /^command$/, args: /^args$/, isGuess: true };
const PLAYBOOK: Keys = {
  scripts: /^(?:(?:ansible\.(?:builtin|windows)\.|win_)?(?:shell|command|raw|script|win_shell|win_command)|cmd)$/,
  argv: /^argv$/,
  isGuess: true,
};

export function yamlKeysOf(file: string): Keys | undefined {
  const path = `/${file}`;
  const isIn = (folder: string) => path.includes(`/${folder}/`);
  return KEYS.find((one) => one.file?.test(file) || (isOtherYaml(file) && one.folders?.some(isIn)))?.keys;
}

export function isOtherYaml(file: string): boolean {
  return /\.ya?ml$/.test(file);
}

/** Kubernetes, Tekton and Ansible files are recognised by content, not by name. */
export function guessedKeysOf(text: string): Keys | undefined {
  if (/^apiVersion:/m.test(text) && /^kind:/m.test(text)) return MANIFEST;
  return /^[ \t]*-[ \t]+(?:hosts|name|[\w.]*(?:shell|command|raw)):/m.test(text) ? PLAYBOOK : undefined;
}
