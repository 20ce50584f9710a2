import type { ErrorEntries } from './entry.ts';

/** TG2: the sources and their commit, source rules, BuildKit and the build. */
export const BUILD_ERRORS = {
  'file-not-committed': {
    code: 'TG2001',
    kind: 'bad-input',
    title: 'A source file differs from the commit',
    cause:
      'The file is missing, was changed after the checkout, or was written by an earlier step. The provenance names the commit, so the build must use its files.',
    fix: 'Commit the file, or pass varying values with `build-args`.',
  },
  'commit-mismatch': {
    code: 'TG2002',
    kind: 'bad-input',
    title: 'The checkout is of another commit',
    cause:
      'The folder that is built is checked out at another commit than this run is for, so the provenance would name the wrong sources.',
    fix: 'Check out the commit of the run (`github.sha`), with `submodules: true` if the folder is in a submodule.',
  },
  'commit-missing': {
    code: 'TG2003',
    kind: 'bad-input',
    title: 'The commit is not in the checkout',
    cause: 'No checkout of this job contains the commit, and no token can read it from GitHub.',
    fix: 'Run actions/checkout in this job with git installed, or pass the step a token with `contents: read`.',
  },
  'committed-file-unusable': {
    code: 'TG2004',
    kind: 'bad-input',
    title: 'A file of the commit cannot be used',
    cause: 'The path is a symbolic link that leads out of the repository, is in a submodule, or is not a regular file.',
    fix: 'Commit a regular file at this path, or use another path.',
  },
  'commit-too-large': {
    code: 'TG2005',
    kind: 'bad-input',
    title: 'A file or folder of the commit is too large',
    cause:
      'Dockerfiles, ignore files, policies and lists of folders are read whole, and have limits that no ordinary repository reaches.',
    fix: 'Use a smaller file.',
  },
  'git-object-damaged': {
    code: 'TG2006',
    kind: 'integrity',
    title: 'The checkout is damaged',
    cause: 'An object in the `.git` folder does not match its id, or cannot be read.',
    fix: 'Delete the checkout on this runner, and check out the commit again.',
  },
  'context-missing': {
    code: 'TG2101',
    kind: 'bad-input',
    title: 'The build context is not a folder',
    cause:
      'The input `context` names something that does not exist in the workspace. Often actions/checkout did not run in this job.',
    fix: 'Check out the repository first, or set the path of a folder or a git URL.',
  },
  'dockerfile-missing': {
    code: 'TG2102',
    kind: 'bad-input',
    title: 'There is no Dockerfile',
    cause:
      'The input `file` names no file. Its default is `Dockerfile` in the context; a path is relative to the workspace, not to the context. `lint-source` finds no file to check in the folder.',
    fix: 'Set the path of the Dockerfile in the input `file`, of `lint-source` in `files`.',
  },
  'dockerfile-unreadable': {
    code: 'TG2103',
    kind: 'bad-input',
    title: 'A Dockerfile cannot be read',
    cause: 'The commit does not contain it, or it is in Git LFS, or it is not text.',
    fix: 'Set its path relative to the repository, and keep Dockerfiles out of Git LFS.',
  },
  'lfs-pointers': {
    code: 'TG2104',
    kind: 'bad-input',
    title: 'The context contains Git LFS pointers',
    cause:
      'The checkout did not download the files of Git LFS, so the image would contain small text files instead of them.',
    fix: 'Check out with `lfs: true`, or list the files in `.dockerignore`.',
  },
  'platform-not-runnable': {
    code: 'TG2105',
    kind: 'bad-input',
    title: 'This machine cannot run a platform of the image',
    cause:
      'A `RUN` instruction executes programs of the platform of the image. For another architecture than that of the machine, an emulator is needed.',
    fix: 'Run docker/setup-qemu-action before the build, build on a runner of that architecture, or cross-compile in a stage with `FROM --platform=$BUILDPLATFORM`.',
  },
  'foreign-frontend': {
    code: 'TG2106',
    kind: 'bad-input',
    title: 'The build uses another Dockerfile frontend',
    cause:
      'The build argument `BUILDKIT_SYNTAX` replaces the program that reads the Dockerfile, where source rules cannot see it.',
    fix: 'Name the program with `# syntax=` in the Dockerfile.',
  },
  'source-rule-failed': {
    code: 'TG2201',
    kind: 'gate',
    title: 'A source rule failed',
    cause: 'A Dockerfile, script or workflow breaks a rule whose level is `error`. [All rules](../rules/README.md).',
    fix: 'Fix the line, or add the comment `# tidegate: ignore=RULE` with a reason above it.',
  },
  'buildkit-check-failed': {
    code: 'TG2202',
    kind: 'tool',
    title: 'BuildKit did not check the Dockerfile',
    cause: "BuildKit's own checks run in the frontend of the Dockerfile, which could not be loaded or failed.",
    fix: 'Check that BuildKit can reach the frontend in the `# syntax=` line, or set `buildkit-checks` to false.',
  },
  'hadolint-report-unreadable': {
    code: 'TG2203',
    kind: 'tool',
    title: 'The report of hadolint cannot be read',
    cause: 'The program that the input `hadolint` names, or that is in `PATH`, failed or is another version.',
    fix: 'Use hadolint 2, or set `hadolint` to `off`.',
  },
  'buildkit-address-invalid': {
    code: 'TG2301',
    kind: 'bad-input',
    title: 'The address of BuildKit is not valid',
    cause: 'The variable `BUILDKIT_HOST` is not the address of a BuildKit.',
    fix: 'Use for example `unix:///run/buildkit/buildkitd.sock` or `tcp://host:1234`, or unset it so that Tidegate starts one.',
  },
  'buildkit-unreachable': {
    code: 'TG2302',
    kind: 'bad-input',
    title: 'BuildKit does not respond',
    cause:
      'No BuildKit listens at the address in `BUILDKIT_HOST` or `builder-endpoints`, the user of the step has no access to its socket, or one side rejects the certificate of the other.',
    fix: 'Start it, or correct its address and certificates. Without `BUILDKIT_HOST` and `builder-endpoints`, Tidegate starts its own.',
  },
  'buildkit-not-started': {
    code: 'TG2303',
    kind: 'tool',
    title: 'BuildKit did not start',
    cause:
      'The BuildKit that Tidegate starts ended at once, or did not respond in time. Its last output is in the details.',
    fix: 'Check its output, or use your own BuildKit (input `builder`, or `BUILDKIT_HOST`).',
  },
  'buildkit-requirements': {
    code: 'TG2304',
    kind: 'tool',
    title: 'A program that BuildKit needs is not installed',
    cause:
      'BuildKit needs `runc`; without root it also needs `rootlesskit` and `newuidmap`. Runners of GitHub have them or run as root.',
    fix: 'Install them (Debian and Ubuntu: `apt-get install runc rootlesskit uidmap`), or set an existing builder.',
  },
  'buildkit-running': {
    code: 'TG2305',
    kind: 'conflict',
    title: 'A BuildKit is already running in this folder',
    cause: 'Two BuildKits cannot share one state folder.',
    fix: 'Use the running one (`BUILDKIT_HOST`), stop it, or set another folder.',
  },
  'buildkitd-config-invalid': {
    code: 'TG2312',
    kind: 'bad-input',
    title: 'The configuration of BuildKit is not allowed or not valid',
    cause:
      'The file of `buildkitd-config` is not TOML, or sets more than registry mirrors, certificates, parallelism, garbage collection and DNS ([supported settings](../builders.md#settings-of-buildkit)). Other settings could change privileges, isolation or access.',
    fix: 'Keep only the supported settings.',
  },
  'build-mirror': {
    code: 'TG2310',
    kind: 'bad-input',
    title: 'A registry mirror is not allowed by the policy',
    cause:
      'A mirror chooses the content of every base image that has no digest. So the policy must list it in `build.mirrors`, as well as each policy that it extends.',
    fix: 'Add the mirror to `build.mirrors`, or remove it from the configuration.',
  },
  'build-output-unusable': {
    code: 'TG2311',
    kind: 'bad-input',
    title: 'An exported stage cannot be used',
    cause:
      'The stage that `outputs` names has no file or too many of them, contains a device or a symbolic link that leads out of it, or its `dest` is not an empty place in the workspace or below RUNNER_TEMP.',
    fix: 'Copy only the files that you publish into a stage `FROM scratch`, and choose a `dest` that does not exist.',
  },
  'build-output-missing': {
    code: 'TG2306',
    kind: 'tool',
    title: 'BuildKit wrote no image',
    cause: 'BuildKit exited 0, but the image that it should have written is missing or cannot be read.',
    fix: 'Run again. If it still fails, report it with the version of BuildKit.',
  },
  'build-digest-wrong': {
    code: 'TG2307',
    kind: 'integrity',
    title: 'BuildKit reports another image than it wrote',
    cause: 'The digest in the report of BuildKit differs from that of the image in the layout.',
    fix: 'Run again. If it still fails, report it with the version of BuildKit.',
  },
  'build-provenance-missing': {
    code: 'TG2308',
    kind: 'evidence',
    title: 'The provenance of the build is missing or not readable',
    cause:
      'BuildKit writes provenance from version 0.11 on. A builder of your own may be older, or another program wrote the image.',
    fix: 'Use BuildKit 0.11 or newer, and build each platform with `build-image`.',
  },
  'builder-tls-invalid': {
    code: 'TG2309',
    kind: 'bad-input',
    title: 'A certificate or key for a builder cannot be used',
    cause:
      'The text in `builder-ca`, `builder-cert` or `builder-key` is not in PEM format, has expired, or the key belongs to another certificate.',
    fix: 'Set the secrets again, with the whole text of the PEM files.',
  },
  'join-conflict': {
    code: 'TG2401',
    kind: 'conflict',
    title: 'Two images have the same platform',
    cause: 'Joined images must have different platforms: an index lists each platform once.',
    fix: 'Build each platform only once.',
  },
  'join-empty': {
    code: 'TG2402',
    kind: 'layout',
    title: 'There are no images to join',
    cause: 'The list of layouts is empty, often because the jobs that build were skipped.',
    fix: 'Build at least one platform.',
  },
  'join-outputs': {
    code: 'TG2403',
    kind: 'conflict',
    title: 'Images with exported files cannot be joined',
    cause:
      'An image of one platform was built with `outputs`. The provenance of the joined index comes from one build, so it cannot name the files of all of them.',
    fix: 'Build all platforms in one step of `build-image` with `outputs`, or export the files in a build that is not joined.',
  },
} as const satisfies ErrorEntries;
