import { expect, test } from '@jest/globals';
import { lastWords } from './last-words.ts';

/** The end of a program's output, and the line of it that a developer needs. */
const ENDS: readonly (readonly [program: string, output: string, words: string])[] = [
  [
    'pip',
    `Collecting flask==99.0
ERROR: Could not find a version that satisfies the requirement flask==99.0 (from versions: 0.1, 3.1.2)
ERROR: No matching distribution found for flask==99.0
[notice] A new release of pip is available: 25.0 -> 25.3`,
    'No matching distribution found for flask==99.0',
  ],
  [
    'pip that compiles',
    `Building wheels for collected packages: psycopg2
  error: subprocess-exited-with-error
      ./psycopg/psycopg.h:35:10: fatal error: libpq-fe.h: No such file or directory
      error: command '/usr/bin/gcc' failed with exit code 1
  ERROR: Failed building wheel for psycopg2
ERROR: Could not build wheels for psycopg2, which is required to install pyproject.toml-based projects`,
    './psycopg/psycopg.h:35:10: fatal error: libpq-fe.h: No such file or directory',
  ],
  [
    'npm install',
    `npm error code E404
npm error 404 Not Found - GET https://registry.example.com/left-padd - Not found
npm error 404
npm error 404  'left-padd@*' is not in this registry.
npm error A complete log of this run can be found in: /root/.npm/_logs/x-debug-0.log`,
    '404 Not Found - GET https://registry.example.com/left-padd - Not found',
  ],
  [
    'npm ci',
    `npm ERR! code EUSAGE
npm ERR! 
npm ERR! \`npm ci\` can only install packages when your package.json and package-lock.json are in sync.
npm ERR! A complete log of this run can be found in: /root/.npm/_logs/x.log`,
    '`npm ci` can only install packages when your package.json and package-lock.json are in sync.',
  ],
  [
    'pnpm',
    ` ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile" because pnpm-lock.yaml is not up to date
Note that in CI environments this setting is true by default.`,
    'OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile" because pnpm-lock.yaml is not up to date',
  ],
  [
    'yarn',
    `yarn install v1.22.22
error An unexpected error occurred: "https://registry.example.com/x: Not found".
info If you think this is a bug, please open a bug report`,
    'error An unexpected error occurred: "https://registry.example.com/x: Not found".',
  ],
  [
    'apt-get',
    `Reading package lists...
E: Unable to locate package libfoo-devel`,
    'Unable to locate package libfoo-devel',
  ],
  [
    'apk',
    `ERROR: unable to select packages:
  libfoo (no such package):
    required by: world[libfoo]`,
    'libfoo (no such package):',
  ],
  [
    'go build',
    `# example.com/app
./main.go:7:2: undefined: fooo
./main.go:9:2: undefined: barr`,
    './main.go:7:2: undefined: fooo',
  ],
  [
    'go mod',
    `go: downloading example.com/x v1.0.0
go: example.com/x@v1.0.0: verifying module: checksum mismatch`,
    'go: example.com/x@v1.0.0: verifying module: checksum mismatch',
  ],
  [
    'maven',
    `[INFO] BUILD FAILURE
[ERROR] Failed to execute goal on project app: Could not resolve dependencies for project com.example:app:jar:1.0
[ERROR] 
[ERROR] To see the full stack trace of the errors, re-run Maven with the -e switch.
[ERROR] [Help 1] http://cwiki.apache.org/confluence/display/MAVEN/DependencyResolutionException`,
    'Failed to execute goal on project app: Could not resolve dependencies for project com.example:app:jar:1.0',
  ],
  [
    'gradle',
    `FAILURE: Build failed with an exception.

* What went wrong:
Execution failed for task ':compileJava'.
> Could not resolve all files for configuration ':compileClasspath'.
   > Could not find com.example:lib:9.9.

* Try:
> Run with --stacktrace option to get the stack trace.

BUILD FAILED in 3s`,
    'Could not find com.example:lib:9.9.',
  ],
  [
    'cargo',
    `   Compiling app v0.1.0 (/app)
error[E0425]: cannot find value \`x\` in this scope
 --> src/main.rs:3:5
error: could not compile \`app\` (bin "app") due to 1 previous error`,
    'error[E0425]: cannot find value `x` in this scope',
  ],
  [
    'dotnet',
    `  Determining projects to restore...
/src/app.csproj : error NU1101: Unable to find package Foo. No packages exist with this id in source(s): nuget.org
Build FAILED.`,
    '/src/app.csproj : error NU1101: Unable to find package Foo. No packages exist with this id in source(s): nuget.org',
  ],
  [
    'tsc',
    `src/index.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.
npm error Lifecycle script \`build\` failed with error:`,
    "src/index.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.",
  ],
  [
    'make with gcc',
    `gcc -c main.c
main.c:4:10: fatal error: zlib.h: No such file or directory
compilation terminated.
make: *** [Makefile:2: main.o] Error 1`,
    'main.c:4:10: fatal error: zlib.h: No such file or directory',
  ],
  [
    'make without a rule',
    "make: *** No rule to make target 'relase'.  Stop.",
    "make: *** No rule to make target 'relase'.  Stop.",
  ],
  [
    'the linker',
    "main.c:(.text+0x9): undefined reference to `deflate'\ncollect2: error: ld returned 1 exit status",
    "main.c:(.text+0x9): undefined reference to `deflate'",
  ],
  [
    'curl',
    `  % Total    % Received % Xferd  Average Speed
curl: (22) The requested URL returned error: 404`,
    'curl: (22) The requested URL returned error: 404',
  ],
  [
    'git',
    "Cloning into 'x'...\nfatal: Remote branch v9 not found in upstream origin",
    'fatal: Remote branch v9 not found in upstream origin',
  ],
  [
    'python',
    `Traceback (most recent call last):
  File "/app/setup.py", line 3, in <module>
    import yaml
ModuleNotFoundError: No module named 'yaml'`,
    "ModuleNotFoundError: No module named 'yaml'",
  ],
  [
    'node',
    `node:internal/modules/cjs/loader:1228
Error: Cannot find module '/app/server.js'
    at Module._resolveFilename (node:internal/modules/cjs/loader:1225:15)
Node.js v22.1.0`,
    "Error: Cannot find module '/app/server.js'",
  ],
  ['a shell', '/bin/sh: 1: foo: not found', '/bin/sh: 1: foo: not found'],
  ['tests', '12 passed\n3 tests failed in suite x\ndone in 3 s', '3 tests failed in suite x'],
  ['a program without errors', 'one\ntwo\n\n', 'two'],
];

test.each(ENDS)('of %s', (_, output, words) => {
  expect(lastWords(output.split('\n'))).toBe(words);
});

test('are undefined for a program that printed nothing', () => {
  expect(lastWords([])).toBeUndefined();
  expect(lastWords(['', '  '])).toBeUndefined();
});

test('have a bounded length', () => {
  expect(lastWords([`ERROR: ${'x'.repeat(10_000)}`])?.length).toBeLessThanOrEqual(240);
});
