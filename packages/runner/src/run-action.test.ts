import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ERRORS, TidegateError } from '@tidegate/core';
import { FailureWithOutputs, failWithOutputs } from './failure.ts';
import { defineAction } from './inputs/schema.ts';
import { execute, type Host, type Run } from './run-action.ts';

const action = defineAction({
  name: 'x',
  title: 'X',
  description: 'X.',
  branding: { icon: 'box', color: 'blue' },
  post: true,
  inputs: {
    patience: { type: 'duration', description: 'How long.' },
    password: { type: 'string', secret: true, description: 'A secret.' },
  },
  outputs: { one: { description: 'One.' }, two: { description: 'Two.' } },
});

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Seen {
  code: number;
  readonly log: string[];
  readonly errors: string[];
  readonly outputs: Record<string, string>;
  readonly state: Record<string, string>;
}

interface Setting {
  readonly inputs?: Record<string, string>;
  readonly env?: Record<string, string>;
  readonly state?: Record<string, string>;
  readonly signal?: AbortSignal;
  readonly post?: () => Promise<void>;
  /** GITHUB_OUTPUT cannot be written. */
  readonly noOutputs?: Error;
}

async function ran(run: Run<typeof action>, setting: Setting = {}): Promise<Seen> {
  const seen: Seen = { code: -1, log: [], errors: [], outputs: {}, state: { ...setting.state } };
  const note = (text: string) => seen.log.push(text);
  const host: Host = {
    env: { ...setting.env },
    signal: setting.signal ?? new AbortController().signal,
    commands: {
      info: note,
      debug: note,
      notice: note,
      warning: note,
      startGroup: note,
      endGroup() {},
      setSecret: (secret) => note(`mask ${secret}`),
      error: (message) => seen.errors.push(message),
      getIDToken: async () => 'token',
      getInput(name, { trimWhitespace }) {
        const text = setting.inputs?.[name] ?? '';
        return trimWhitespace ? text.trim() : text;
      },
      setOutput(name, value) {
        if (setting.noOutputs) throw setting.noOutputs;
        seen.outputs[name] = value;
      },
      saveState(name, value) {
        seen.state[name] = value;
      },
      getState: (name) => seen.state[name] ?? '',
      isDebug: () => setting.env?.RUNNER_DEBUG === '1',
    },
  };
  seen.code = await execute(action, run, setting.post, host);
  return seen;
}

const fine: Run<typeof action> = async () => ({ one: '1', two: '2' });
const failing =
  (error: unknown): Run<typeof action> =>
  async () => {
    throw error;
  };

/** The text of Markdown, without its escapes. */
const plain = (markdown: string) => markdown.replace(/\\(.)/g, '$1');

test('a run sets every output and ends with 0', async () => {
  const seen = await ran(fine);
  expect(seen).toMatchObject({ code: 0, outputs: { one: '1', two: '2' }, errors: [] });
});

test('blanks at the end of a secret’s value are kept, where @actions/core would cut them', async () => {
  const withSecrets = defineAction({
    ...action,
    post: false,
    inputs: { secrets: { type: 'pairs', secret: true, description: 'Secrets.' } },
  });
  let read: unknown;
  const host = {
    env: {},
    signal: new AbortController().signal,
    commands: {
      setSecret() {},
      setOutput() {},
      getInput: (_: string, { trimWhitespace = true } = {}) => (trimWhitespace ? 'TOKEN=abc' : 'TOKEN=abc  '),
    },
  } as unknown as Host;
  await execute(
    withSecrets,
    async (inputs) => {
      read = inputs.secrets;
      return { one: '1', two: '2' };
    },
    undefined,
    host,
  );
  expect(read).toEqual([['TOKEN', 'abc  ']]);
});

test('the token of the cache service is in no environment, and is masked when it is read', async () => {
  const service = {
    ACTIONS_RUNTIME_TOKEN: 'hunter2-hunter2',
    ACTIONS_RESULTS_URL: 'https://x/',
    ACTIONS_CACHE_SERVICE_V2: 'True',
  };
  const env = { ...service, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'another', GITHUB_TOKEN: 'third' };
  const seen = await ran(
    async (_, job) => {
      expect(job.env).not.toHaveProperty('ACTIONS_RUNTIME_TOKEN');
      expect(job.cacheService()).toEqual(service);
      return { one: '1', two: '2' };
    },
    { env },
  );
  expect(seen).toMatchObject({ code: 0, log: ['mask hunter2-hunter2'] });
});

describe('a failure', () => {
  test('is one line: what happened, and what to do', async () => {
    const seen = await ran(failing(new TidegateError('gate-failed', 'The gate\nis shut.', { next: 'Open it.' })));
    expect(seen).toMatchObject({ code: 1, errors: ['The gate is shut. — Open it. [TG6001]'] });
    expect(seen.log).toEqual([]);
  });

  test('of an input names the input', async () => {
    const seen = await ran(fine, { inputs: { patience: 'x' } });
    expect(seen.errors).toEqual([
      'Input patience: got "x", expected a duration of days, hours, minutes or seconds. — Write a duration such as 5d, 36h, 90m, 30s or 1d12h. [TG1003]',
    ]);
  });

  test('that is unexpected is called a bug, with the page to report it', async () => {
    const seen = await ran(failing(new TypeError('x is undefined')), {
      env: { GITHUB_ACTION_REPOSITORY: 'acme/tidegate' },
    });
    expect(seen.code).toBe(1);
    expect(seen.errors).toEqual([expect.stringContaining('TypeError: x is undefined — This is a bug.')]);
    expect(seen.errors[0]).toMatch(/at https:\/\/github\.com\/acme\/tidegate\/issues.* \[TG9002\]$/);
  });

  test('of the machine is not called a bug', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    });
    expect((await ran(failing(full))).errors[0]).toMatch(/^ENOSPC: .* — Free some space.* \[TG8201\]$/);
  });

  test('can still have outputs', async () => {
    const shut = new TidegateError('gate-failed', 'Shut.');
    const seen = await ran(async () => failWithOutputs(shut, { one: 'fail' }));
    expect(seen).toMatchObject({
      code: 1,
      outputs: { one: 'fail' },
      errors: [`Shut. — ${ERRORS['gate-failed'].fix} [TG6001]`],
    });
  });

  test('is reported even if its outputs cannot be written', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    });
    const seen = await ran(async () => failWithOutputs(new TidegateError('gate-failed', 'Shut.'), { one: 'fail' }), {
      noOutputs: full,
    });
    expect(seen).toMatchObject({ code: 1, errors: [`Shut. — ${ERRORS['gate-failed'].fix} [TG6001]`] });
  });

  test('shows its stack and causes only with debug output', async () => {
    const error = new TidegateError('registry-failed', 'No.', { cause: new Error('the reason') });
    expect((await ran(failing(error))).log).toEqual([]);
    for (const env of [{ RUNNER_DEBUG: '1' }, { ACTIONS_STEP_DEBUG: 'true' }]) {
      const { log, errors } = await ran(failing(error), { env });
      expect(log.join('\n')).toContain('the reason');
      expect(errors).toEqual([`No. — ${ERRORS['registry-failed'].fix} [TG4004]`]);
    }
  });

  test.each([
    ['a string', 'plain'],
    ['nothing', undefined],
    ['an object', { a: 1 }],
  ])('that throws %s fails all the same', async (_, thrown) => {
    expect((await ran(failing(thrown))).code).toBe(1);
  });

  test('does not show a secret', async () => {
    const seen = await ran(failing(new TidegateError('registry-failed', 'Basic hunter2-hunter2')), {
      inputs: { password: 'hunter2-hunter2' },
    });
    expect(seen.log).toEqual(['mask hunter2-hunter2']);
    expect(seen.errors).toEqual([expect.stringMatching(/^Basic \*\*\* — /)]);
  });
});

describe('outputs', () => {
  test('that are declared and not set are a bug', async () => {
    const seen = await ran(async () => ({ one: '1' }) as { one: string; two: string });
    expect(seen).toMatchObject({ code: 1, errors: [expect.stringContaining('outputs not set: two')] });
  });
  test('that are set and not declared are a bug', async () => {
    const seen = await ran(async () => ({ one: '1', two: '2', three: '3' }));
    expect(seen).toMatchObject({ code: 1, errors: [expect.stringContaining('outputs not declared: three')] });
  });
});

describe('the post step', () => {
  test('is known by the state of the main step, and runs only post', async () => {
    const main = await ran(fine);
    let posted = 0;
    const post = async () => {
      posted += 1;
    };
    const after = await ran(failing(new Error('main ran again')), { state: main.state, post });
    expect([after.code, posted]).toEqual([0, 1]);
  });
  test('comes also after a main step that failed', async () => {
    const main = await ran(failing(new Error('no')));
    let posted = false;
    const post = async () => {
      posted = true;
    };
    await ran(fine, { state: main.state, post });
    expect(posted).toBe(true);
  });
});

describe('a cancelled job', () => {
  test('fails, says so, and does not call it a bug', async () => {
    const abort = new AbortController();
    const reason = new TidegateError('cancelled', 'Cancelled by SIGINT before it was done.');
    const seen = await ran(
      async (_, job) => {
        abort.abort(reason);
        return job.signal.throwIfAborted() as never;
      },
      { signal: abort.signal },
    );
    expect(seen).toMatchObject({
      code: 1,
      errors: [`Cancelled by SIGINT before it was done. — ${ERRORS.cancelled.fix} [TG9001]`],
    });
  });
  test('fails even where the work was finished', async () => {
    const seen = await ran(fine, { signal: AbortSignal.abort(new TidegateError('cancelled', 'Cancelled.')) });
    expect(seen).toMatchObject({
      code: 1,
      outputs: { one: '1' },
      errors: [`Cancelled. — ${ERRORS.cancelled.fix} [TG9001]`],
    });
  });
});

describe('the summary', () => {
  test('goes to the step’s file, without secrets', async () => {
    const GITHUB_STEP_SUMMARY = join(folder, 'summary');
    await ran(
      async (inputs, job) => {
        await job.summarise(`# ${inputs.password}`);
        return { one: '', two: '' };
      },
      { env: { GITHUB_STEP_SUMMARY }, inputs: { password: 'hunter2-hunter2' } },
    );
    expect(await readFile(GITHUB_STEP_SUMMARY, 'utf8')).toBe('# ***\n');
  });
  test('has closed sections below the others, also where the run failed, and none of its own', async () => {
    const written = async (name: string, isReported: boolean, error?: Error) => {
      const GITHUB_STEP_SUMMARY = join(folder, name);
      const run: Run<typeof action> = async (_, job) => {
        job.summariseBelow('<details>');
        if (isReported) await job.summarise('# report');
        if (error) throw error;
        return { one: '', two: '' };
      };
      await ran(run, { env: { GITHUB_STEP_SUMMARY } });
      return readFile(GITHUB_STEP_SUMMARY, 'utf8').catch(() => undefined);
    };
    expect(await written('below', true)).toBe('# report\n\n<details>\n');
    expect(await written('below-nothing', false)).toBeUndefined();
    expect(await written('below-failure', true, new TidegateError('tool-failed', 'No.'))).toMatch(
      /^## ❌ X.*# report\n\n<\/details>\n\n<details>\n$/s,
    );
  });
  test.each<[string, unknown, string]>([
    [
      'an error',
      new TidegateError('registry-unreachable', 'The registry went away.', { next: 'Run again.' }),
      'The registry is not reachable',
    ],
    ['a bug', new TypeError('x is undefined'), 'Unexpected error'],
    [
      'a full disk',
      Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' }),
      'The machine is out of disk space or files',
    ],
    [
      'an error with outputs',
      new FailureWithOutputs(new TidegateError('tool-failed', 'No.'), { one: '1' }),
      'A program failed',
    ],
  ])('says of %s what the annotation says', async (_, error, title) => {
    const GITHUB_STEP_SUMMARY = join(await mkdtemp(join(folder, 'failed-')), 'summary');
    const { errors } = await ran(failing(error), { env: { GITHUB_STEP_SUMMARY } });
    const [headline, cause, next = ''] = plain(await readFile(GITHUB_STEP_SUMMARY, 'utf8')).split('\n\n');
    expect(headline).toBe(`## ❌ X: ${title}`);
    expect(errors).toEqual([`${cause} — ${next.replace('**What to do:** ', '').replace(/\(https:.*/s, '')}`]);
  });
  test('of a cancelled job says so', async () => {
    const GITHUB_STEP_SUMMARY = join(folder, 'cancelled');
    const reason = new TidegateError('cancelled', 'Cancelled by SIGINT.');
    await ran(fine, { env: { GITHUB_STEP_SUMMARY }, signal: AbortSignal.abort(reason) });
    expect(plain(await readFile(GITHUB_STEP_SUMMARY, 'utf8'))).toMatch(
      /^## ❌ X: Cancelled\n\nCancelled by SIGINT\.\n\n/,
    );
  });
  test('of a failed verdict is that of the verdict', async () => {
    const GITHUB_STEP_SUMMARY = join(folder, 'verdict');
    const run: Run<typeof action> = async (_, job) => {
      await job.summarise('## ❌ app: gate failed', true);
      return failWithOutputs(new TidegateError('gate-failed', 'Shut.'), { one: 'fail' });
    };
    await ran(run, { env: { GITHUB_STEP_SUMMARY } });
    expect(await readFile(GITHUB_STEP_SUMMARY, 'utf8')).toMatch(
      /^## ❌ app: gate failed\n\n<sub>\[TG6001\]\(.*\): The gate failed<\/sub>\n$/,
    );
  });
  test('that cannot be written does not hide the failure', async () => {
    const seen = await ran(failing(new TidegateError('gate-failed', 'Shut.')), {
      env: { GITHUB_STEP_SUMMARY: folder },
    });
    expect(seen).toMatchObject({ code: 1, errors: [`Shut. — ${ERRORS['gate-failed'].fix} [TG6001]`] });
  });
  test('is left out where there is none', async () => {
    const seen = await ran(async (_, job) => {
      await job.summarise('# x');
      return { one: '', two: '' };
    });
    expect(seen.code).toBe(0);
  });
});

test('stages and their children see the original proxy variables, whatever our HTTP clients use', async () => {
  const proxies = { HTTPS_PROXY: 'http://proxy.test:3128', NO_PROXY: '10.0.0.0/8,*.corp.test', http_proxy: 'x' };
  const id = { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://10.1.2.3/token', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 't' };
  let seen: Readonly<Record<string, string>> = {};
  const run: Run<typeof action> = async (_, job) => {
    await job.idToken('sigstore');
    job.network.alignActionsClient('https://mirror.corp.test');
    seen = job.env;
    return { one: '1', two: '2' };
  };
  expect(await ran(run, { env: { ...proxies, ...id } })).toMatchObject({ code: 0 });
  expect(Object.fromEntries(Object.entries(seen).filter(([name]) => /proxy/i.test(name)))).toEqual(proxies);
});
