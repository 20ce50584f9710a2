import { describe, expect, test } from '@jest/globals';
import { readSource } from './imports.ts';
import { complaintsAbout } from './layering.ts';

const about = (path: string, text: string) => complaintsAbout(path, readSource(path, text)).join('\n');

describe('refused', () => {
  test.each<[string, string, string, RegExp]>([
    ['core that loads another package', 'packages/core/src/a.ts', "import { x } from '@tidegate/oci'", /core may not/],
    [
      'core that imports a type of another package',
      'packages/core/src/a.ts',
      "import type { X } from '@tidegate/oci'",
      /core may not/,
    ],
    ['core that reads files', 'packages/core/src/a.ts', "import { readFile } from 'node:fs/promises'", /no I\/O/],
    ['core that opens sockets', 'packages/core/src/a.ts', "import net from 'node:net'", /no I\/O/],
    ['oci that loads attest', 'packages/oci/src/a.ts', "import { x } from '@tidegate/attest'", /oci may not/],
    ['pipeline that knows GitHub', 'packages/pipeline/src/a.ts', "import { x } from '@tidegate/runner'", /may not/],
    ['runner that knows a stage', 'packages/runner/src/a.ts', "export * from '@tidegate/pipeline'", /may not/],
    ['shipped code with the testkit', 'actions/plan/run.ts', "await import('@tidegate/testkit')", /may not/],
    ['shipped code with the tooling', 'packages/runner/src/a.ts', "import '@tidegate/tooling'", /may not/],
    ['a module that registers itself', 'packages/core/src/a.ts', "import './b.ts'", /for its effects/],
    ['a way round the index', 'actions/plan/run.ts', "import { x } from '@tidegate/oci/src/x.ts'", /only its index/],
    ['a way round by path', 'packages/oci/src/a.ts', "import { x } from '../../core/src/x.ts'", /by path/],
    ['an environment read in a stage', 'packages/pipeline/src/a.ts', 'const a = process.env.HOME', /environment/],
    ['an environment read in an action', 'actions/plan/run.ts', 'f({ ...process.env })', /environment/],
    ['an environment read by name', 'packages/oci/src/a.ts', "process['env'].HOME", /environment/],
    ['an environment read by a computed name', 'packages/oci/src/a.ts', 'process[name].HOME', /environment/],
    ['an environment taken apart', 'packages/oci/src/a.ts', 'const { env: e } = process', /environment/],
    ['process under another name', 'packages/oci/src/a.ts', 'const p = process', /environment/],
    ['an imported environment', 'packages/oci/src/a.ts', "import { env } from 'node:process'", /environment/],
    ['a console under another name', 'packages/oci/src/a.ts', 'const { log } = console', /use the log/],
    ['printing past the log', 'packages/oci/src/a.ts', 'console.log(1)', /use the log/],
    ['undici at start', 'packages/oci/src/a.ts', "import { HttpClient } from '@actions/http-client'", /at start/],
    ['@actions/github at start', 'packages/runner/src/a.ts', "import { context } from '@actions/github'", /at start/],
    ['a shell', 'packages/tools/src/a.ts', "import { exec } from 'node:child_process'", /runs a shell/],
    [
      'a program started past tools',
      'packages/oci/src/a.ts',
      "import { spawn } from 'node:child_process'",
      /only tools starts programs/,
    ],
    ['a package without rules', 'packages/misc/src/a.ts', '', /without rules/],
  ])('%s', (_, path, text, complaint) => {
    expect(about(path, text)).toMatch(complaint);
  });
});

describe('allowed', () => {
  test.each([
    ['hashing in core', 'packages/core/src/a.ts', "import { createHash } from 'node:crypto'"],
    [
      'a heavy library where it is needed',
      'packages/tools/src/a.ts',
      "const { x } = await import('@actions/tool-cache')",
    ],
    ['its types', 'packages/tools/src/a.ts', "import type { X } from '@actions/http-client'"],
    ['the testkit in a test', 'packages/oci/src/a.test.ts', "import { x } from '@tidegate/testkit'"],
    ['a child process without a shell', 'packages/tools/src/a.ts', "import { spawn } from 'node:child_process'"],
    ['the environment in runner', 'packages/runner/src/a.ts', 'process.env.HOME'],
    ['actions side by side', 'actions/ship/action.ts', "import { a } from '../plan/action.ts'"],
  ])('%s', (_, path, text) => {
    expect(about(path, text)).toBe('');
  });
});
