/** RUN steps whose program fails: the programs print what the real ones print, without their servers. */
import type { ErrorId } from '@tidegate/core';
import type { Mistake } from '../mistake.ts';

/** The program's own words, and the step of the Dockerfile that runs it, in line 4. */
interface Failing {
  readonly name: string;
  readonly run: string;
  readonly prints: readonly string[];
  readonly code?: number;
  readonly says: RegExp;
  /** Default `build-step`. */
  readonly error?: ErrorId;
}

const PROGRAMS: readonly Failing[] = [
  {
    name: 'requires a version that PyPI does not have',
    run: 'pip install --no-cache-dir -r requirements.txt',
    prints: [
      'ERROR: Could not find a version that satisfies the requirement flask==99.0 (from versions: 3.1.0, 3.1.1, 3.1.2)',
      'ERROR: No matching distribution found for flask==99.0',
    ],
    says: /No matching distribution found for flask==99\.0/,
  },
  {
    name: 'misspelt the requirements file',
    run: 'pip install -r requirement.txt',
    prints: [
      "ERROR: Could not open requirements file: [Errno 2] No such file or directory: 'requirement.txt'",
      '',
      '[notice] A new release of pip is available: 25.0.1 -> 25.3',
      '[notice] To update, run: pip install --upgrade pip',
    ],
    says: /Could not open requirements file: .*No such file or directory: 'requirement\.txt'/,
  },
  {
    name: 'runs npm ci without a lock file',
    run: 'npm ci --omit=dev',
    prints: [
      'npm error code EUSAGE',
      'npm error',
      'npm error The `npm ci` command can only install with an existing package-lock.json or',
      'npm error npm-shrinkwrap.json with lockfileVersion >= 1. Run an install with npm@5 or',
      'npm error later to generate a package-lock.json file, then try again.',
      'npm error',
      'npm error A complete log of this run can be found in: /root/.npm/_logs/2026-11-01T12_00_00_000Z-debug-0.log',
    ],
    says: /can only install with an existing package-lock\.json/,
  },
  {
    name: 'runs npm ci with a lock file that is not in sync',
    run: 'npm ci',
    prints: [
      'npm error code EUSAGE',
      'npm error',
      'npm error `npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync. Please update your lock file with `npm install` before continuing.',
      'npm error',
      'npm error Missing: express@5.1.0 from lock file',
      'npm error',
      'npm error A complete log of this run can be found in: /root/.npm/_logs/2026-11-01T12_00_00_000Z-debug-0.log',
    ],
    says: /package\.json and package-lock\.json .*are in sync/,
  },
  {
    name: 'installs a private npm package without a token',
    run: 'npm install',
    prints: [
      'npm error code E401',
      'npm error 401 Unauthorized - GET https://npm.example.org/@acme%2fui - authentication token not provided',
      'npm error A complete log of this run can be found in: /root/.npm/_logs/2026-11-01T12_00_00_000Z-debug-0.log',
    ],
    says: /401 Unauthorized - GET https:\/\/npm\.example\.org\/@acme%2fui/,
  },
  {
    name: 'installs a Debian package that does not exist',
    run: 'apt-get install --yes libpq-devel',
    prints: [
      'Reading package lists...',
      'Building dependency tree...',
      'Reading state information...',
      'E: Unable to locate package libpq-devel',
    ],
    code: 100,
    says: /Unable to locate package libpq-devel/,
  },
  {
    name: 'installs Debian packages without a network',
    run: 'apt-get update',
    prints: [
      'Ign:1 http://debian.example.org/debian bookworm InRelease',
      'Err:1 http://debian.example.org/debian bookworm InRelease',
      "  Temporary failure resolving 'debian.example.org'",
      'Reading package lists...',
      "E: Failed to fetch http://debian.example.org/debian/dists/bookworm/InRelease  Temporary failure resolving 'debian.example.org'",
      'E: Some index files failed to download. They have been ignored, or old ones used instead.',
    ],
    code: 100,
    error: 'build-network',
    says: /Temporary failure resolving 'debian\.example\.org'/,
  },
  {
    name: 'has a Maven dependency that does not exist',
    run: 'mvn --batch-mode package',
    prints: [
      '[INFO] BUILD FAILURE',
      '[ERROR] Failed to execute goal on project app: Could not resolve dependencies for project com.example:app:jar:1.0: com.example:core:jar:9.9 was not found in https://maven.example.org/releases',
      '[ERROR] ',
      '[ERROR] To see the full stack trace of the errors, re-run Maven with the -e switch.',
    ],
    says: /com\.example:core:jar:9\.9 was not found/,
  },
  {
    name: 'did not commit go.sum',
    run: 'go build ./...',
    prints: [
      'main.go:6:2: missing go.sum entry for module providing package golang.org/x/text/language; to add:',
      '	go get example.com/app',
    ],
    says: /missing go\.sum entry/,
  },
  {
    name: 'has a Cargo.lock that is not up to date',
    run: 'cargo build --locked --release',
    prints: [
      'error: the lock file /src/Cargo.lock needs to be updated but --locked was passed to prevent this',
      'If you want to try to generate the lock file without accessing the network, remove the --locked flag and use --offline instead.',
    ],
    code: 101,
    says: /the lock file \/src\/Cargo\.lock needs to be updated/,
  },
  {
    name: 'has a NuGet package that does not exist',
    run: 'dotnet restore',
    prints: [
      '  Determining projects to restore...',
      '/src/App.csproj : error NU1101: Unable to find package Acme.Core. No packages exist with this id in source(s): acme',
      '  Failed to restore /src/App.csproj (in 1.2 sec).',
    ],
    says: /NU1101: Unable to find package Acme\.Core/,
  },
  {
    name: 'has an error in its TypeScript',
    run: 'tsc --build',
    prints: ["src/server.ts(12,7): error TS2322: Type 'string' is not assignable to type 'number'."],
    code: 2,
    says: /src\/server\.ts\(12,7\): error TS2322: Type 'string' is not assignable/,
  },
  {
    name: 'needs more memory than the runner has',
    run: 'webpack --mode production',
    prints: ['<s> [webpack.Progress] 68% sealing', 'Killed'],
    code: 137,
    error: 'build-memory',
    says: /ran out of memory/,
  },
  {
    name: 'fills the disk of the runner',
    run: 'pip install torch',
    prints: ['ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device'],
    error: 'build-disk',
    says: /the disk of the builder is full/,
  },
  {
    name: 'has a test that fails',
    run: 'go test ./...',
    prints: [
      '--- FAIL: TestAdd (0.00s)',
      '    add_test.go:9: got 5, want 4',
      'FAIL',
      'FAIL	example.com/app	0.004s',
      'FAIL',
    ],
    says: /FAIL/,
  },
  {
    name: 'downloads from a host that cannot be resolved',
    run: 'curl -fsSLO https://dl.example.com/tool.tar.gz',
    prints: ['curl: (6) Could not resolve host: dl.example.com'],
    code: 6,
    error: 'build-network',
    says: /Could not resolve host: dl\.example\.com/,
  },
  {
    name: 'has a Gemfile.lock for another platform',
    run: 'bundle install',
    prints: [
      'Your bundle only supports platforms ["arm64-darwin-24"] but your local platform is x86_64-linux. Add the current platform to the lockfile with',
      '`bundle lock --add-platform x86_64-linux` and try again.',
    ],
    code: 16,
    says: /bundle lock --add-platform x86_64-linux/,
  },
];

const quoted = (line: string) => `'${line.replaceAll("'", `'\\''`)}'`;

function failing({ name, run, prints, code = 1, says, error = 'build-step' }: Failing): Mistake {
  const [program = ''] = run.split(' ');
  const script = ['#!/bin/sh', ...prints.map((line) => `printf '%s\\n' ${quoted(line)} >&2`), `exit ${code}`, ''];
  return {
    name,
    action: 'build-image',
    files: {
      'bin/program': script.join('\n'),
      Dockerfile: `FROM {base}\nWORKDIR /app\nCOPY --chmod=755 bin/program /bin/${program}\nRUN ${run}\n`,
    },
    sees: { error, says: new RegExp(`^Dockerfile:4 RUN ${program} .*: .*${says.source}`), at: 'Dockerfile:4' },
  };
}

export const RUN_STEPS: readonly Mistake[] = [
  ...PROGRAMS.map(failing),
  {
    name: 'runs a program that the base does not have',
    action: 'build-image',
    files: { Dockerfile: 'FROM {base}\nRUN npx vite build\n' },
    sees: {
      error: 'build-program-missing',
      says: /^Dockerfile:2 RUN npx vite build: npx was not found/,
      at: 'Dockerfile:2',
    },
  },
];
